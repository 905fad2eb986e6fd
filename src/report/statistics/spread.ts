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
  // The p at which the interval ends at 0; its logarithm is searched between the bounds of the parts' own degrees of freedom.
  const t = Math.abs(difference) / standardError(spread);
  let [low, high] = [
    Math.log(tTwoSided(t, Math.max(...parts.map(({ degrees }) => degrees)))),
    Math.log(tTwoSided(t, Math.min(...parts.map(({ degrees }) => degrees)))),
  ];
  if (high < LEAST) return Math.exp(high);
  low = Math.max(low, LEAST);
  for (let i = 0; i < 60 && high - low > 1e-10; i++) {
    const middle = (low + high) / 2;
    if (reach({ kind: spread.kind, parts }, 1 - Math.exp(middle) / 2) > Math.abs(difference)) low = middle;
    else high = middle;
  }
  return Math.exp(high);
}

/** Logarithm of the least p value that is searched for: below it quantiles have no digits. */
const LEAST = Math.log(1e-14);
