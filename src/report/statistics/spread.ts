import { tDensity, tQuantile, tTwoSided } from './distributions.js';

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
  return Math.exp(reachedAt(Math.abs(difference), parts, [Math.max(least, LEAST), most]));
}

/**
 * The logarithm of the p at which the parts reach so far, by Newton's method, which is kept between two bounds by halving them.
 * With p = exp(x), a quantile t(1 - p / 2) changes by -p / (2 f(t)) with x, where f is the density.
 */
function reachedAt(distance: number, parts: readonly Part[], [from, to]: readonly [number, number]): number {
  let [low, high] = [from, to];
  let x = (low + high) / 2;
  for (let i = 0; i < MOST_STEPS; i++) {
    const p = Math.exp(x);
    let square = 0;
    let change = 0;
    for (const { variance, degrees } of parts) {
      const quantile = tQuantile(1 - p / 2, degrees);
      square += variance * quantile ** 2;
      change -= (variance * quantile * p) / tDensity(quantile, degrees);
    }
    const over = Math.log(square / distance ** 2);
    if (over > 0) low = x;
    else high = x;
    const next = x - (over * square) / change;
    if (Math.abs(over) < ENOUGH || high - low < ENOUGH) return x;
    x = next > low && next < high ? next : (low + high) / 2;
  }
  return x;
}

/** Steps of Newton's method at most; it takes three or four. */
const MOST_STEPS = 100;
/** Relative error of a reach, or of p, that is none. */
const ENOUGH = 1e-10;
/** Logarithm of the least p value that is searched for: below it quantiles have no digits. */
const LEAST = Math.log(1e-14);
