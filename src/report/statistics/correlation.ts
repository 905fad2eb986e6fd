import { mean, ranks } from './descriptive.js';
import { tTwoSided } from './distributions.js';

/** A coefficient of correlation with its two-sided p value by Student's t with n - 2 degrees of freedom. */
export interface Correlation {
  readonly coefficient: number;
  readonly p: number;
  readonly n: number;
}

/** Pearson's r; null where there are fewer than three pairs or one side does not vary. */
export function pearson(x: readonly number[], y: readonly number[]): Correlation | null {
  const n = x.length;
  if (n < 3) return null;
  const [centreX, centreY] = [mean(x), mean(y)];
  let [xx, yy, xy] = [0, 0, 0];
  for (let i = 0; i < n; i++) {
    const [dx, dy] = [x[i]! - centreX, y[i]! - centreY];
    xx += dx * dx;
    yy += dy * dy;
    xy += dx * dy;
  }
  if (xx === 0 || yy === 0) return null;
  const r = Math.max(-1, Math.min(1, xy / Math.sqrt(xx * yy)));
  const t = r * Math.sqrt((n - 2) / (1 - r * r));
  return { coefficient: r, p: tTwoSided(t, n - 2), n };
}

/** Spearman's rho: Pearson's r of the ranks, ties sharing theirs. */
export function spearman(x: readonly number[], y: readonly number[]): Correlation | null {
  return pearson(ranks(x), ranks(y));
}
