import { tQuantile, tTwoSided } from './distributions.js';

/** What an interval covers: seeds say how much training varies, items how much the choice of questions does. */
export type IntervalKind = 'seeds and items' | 'seeds' | 'items';

/** A part of a variance, with the degrees of freedom of its estimate. */
export interface Part {
  readonly variance: number;
  readonly degrees: number;
}

/** How far an estimate may be off: the variance of an estimate, as the sum of parts that are known with different certainty. */
export interface Spread {
  readonly kind: IntervalKind;
  readonly parts: readonly Part[];
}

/** The sum of independent parts, with the degrees of freedom of Welch and Satterthwaite. */
export function pooled(parts: readonly Part[]): Part {
  const whole = parts.reduce((sum, { variance }) => sum + variance, 0);
  const below = parts.reduce((sum, { variance, degrees }) => sum + variance ** 2 / degrees, 0);
  const least = Math.min(...parts.map(({ degrees }) => degrees));
  return { variance: whole, degrees: below === 0 ? least : whole ** 2 / below };
}

export function standardError({ parts }: Spread): number {
  return Math.sqrt(parts.reduce((sum, { variance }) => sum + variance, 0));
}

/**
 * How far the estimate is off at most, with the given probability, in one direction: each part by its own quantile of Student's t
 * (Cochran, 1964), which for one part is the usual t times the standard error.
 */
export function reach({ parts }: Spread, probability: number): number {
  return Math.sqrt(
    parts.reduce(
      (sum, { variance, degrees }) => sum + (variance === 0 ? 0 : variance * tQuantile(probability, degrees) ** 2),
      0,
    ),
  );
}

/** Two-sided p value of a difference from 0: below 0.05 exactly where the 95% interval leaves 0 out. */
export function pValue(difference: number, spread: Spread): number {
  if (difference === 0) return 1;
  const parts = spread.parts.filter(({ variance }) => variance > 0);
  const [only] = parts;
  if (!only) return 0;
  if (parts.length === 1) return tTwoSided(difference / Math.sqrt(only.variance), only.degrees);
  // The p at which the interval ends at 0, by its logarithm, between those of the parts' own degrees of freedom.
  const t = Math.abs(difference) / standardError(spread);
  const degrees = parts.map((part) => part.degrees);
  const [least, most] = [tTwoSided(t, Math.max(...degrees)), tTwoSided(t, Math.min(...degrees))].map(Math.log) as [
    number,
    number,
  ];
  if (most < LEAST) return Math.exp(most);
  const over = (logarithm: number) =>
    Math.log(reach({ kind: spread.kind, parts }, 1 - Math.exp(logarithm) / 2) / Math.abs(difference));
  return Math.exp(root(over, Math.max(least, LEAST), most));
}

/** Where a falling function is 0 between two places, by false position with the Illinois rule (Dowell and Jarratt, 1971). */
function root(f: (x: number) => number, from: number, to: number): number {
  let [low, high] = [from, to];
  let [above, below] = [f(low), f(high)];
  let side = 0;
  for (let i = 0; i < 100 && high - low > 1e-10 && above > 0 && below < 0; i++) {
    const middle = (low * below - high * above) / (below - above);
    const value = f(middle);
    if (Math.abs(value) < 1e-10) return middle;
    if (value > 0) {
      [low, above] = [middle, value];
      if (side > 0) below /= 2;
      side = 1;
    } else {
      [high, below] = [middle, value];
      if (side < 0) above /= 2;
      side = -1;
    }
  }
  return above <= 0 ? low : high;
}

/** Logarithm of the least p value that is searched for: below it quantiles have no digits. */
const LEAST = Math.log(1e-14);
