import { compiled, stdtri } from 'cephes';

// cephes is WebAssembly: its functions answer once it is compiled (some milliseconds).
await compiled;

/** What an interval is taken over: seeds say how much training varies, items of one seed do not. */
export type IntervalKind = 'seeds' | 'items';

/** A mean and its 95% interval. */
export interface Estimate {
  readonly mean: number;
  /** Lower end; null where a single value gives no interval. */
  readonly low: number | null;
  readonly high: number | null;
  /** Number of seeds that the mean is over. */
  readonly n: number;
  readonly interval: IntervalKind | null;
}

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Quantile of Student's t, by the inverse incomplete beta function of the Cephes library. */
export function tQuantile(probability: number, degreesOfFreedom: number): number {
  return stdtri(degreesOfFreedom, probability);
}

/**
 * Standard error of a mean: s / sqrt(n), with s the standard deviation of the sample (n - 1 below).
 *
 * @returns null for fewer than two values, which have no spread
 */
export function standardError(values: readonly number[]): number | null {
  const n = values.length;
  if (n < 2) return null;
  const centre = mean(values);
  const variance = values.reduce((sum, value) => sum + (value - centre) ** 2, 0) / (n - 1);
  return Math.sqrt(variance / n);
}

/**
 * Half the width of the 95% interval of the unweighted mean of several samples' means, by Student's t: of one sample
 * t(0.975, n - 1) s / sqrt(n); of more, their variances added, with the degrees of freedom of Welch and Satterthwaite,
 * rounded down. The samples count as independent.
 *
 * @param samples [samples][values]
 * @returns null where a sample has fewer than two values
 */
export function halfWidth95(samples: readonly (readonly number[])[]): number | null {
  let variance = 0;
  let spread = 0;
  for (const sample of samples) {
    const error = standardError(sample);
    if (error === null) return null;
    variance += error ** 2;
    spread += error ** 4 / (sample.length - 1);
  }
  if (variance === 0) return 0;
  // Of one sample this is n - 1, but for rounding.
  const degrees = Math.floor(variance ** 2 / spread + 1e-6);
  return (tQuantile(0.975, degrees) * Math.sqrt(variance)) / samples.length;
}

/**
 * A mean over seeds with its interval: over the seeds, or over the items where there is one seed.
 *
 * @param bySeed [seeds] one value a seed, at least one
 * @param items [tasks][items] each item's value in the only seed; looked at only when there is one seed
 */
export function estimate(bySeed: readonly number[], items: readonly (readonly number[])[]): Estimate {
  const interval = bySeed.length > 1 ? 'seeds' : 'items';
  const centre = mean(bySeed);
  const half = halfWidth95(interval === 'seeds' ? [bySeed] : items);
  if (half === null) return { mean: centre, low: null, high: null, n: bySeed.length, interval: null };
  return { mean: centre, low: centre - half, high: centre + half, n: bySeed.length, interval };
}
