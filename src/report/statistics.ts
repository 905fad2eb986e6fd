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
 * Half the width of the 95% interval of a mean by Student's t: t(0.975, n - 1) s / sqrt(n), with s the standard
 * deviation of the sample (n - 1 below).
 *
 * @returns null for fewer than two values, which have no spread
 */
export function halfWidth95(values: readonly number[]): number | null {
  const n = values.length;
  if (n < 2) return null;
  const centre = mean(values);
  const variance = values.reduce((sum, value) => sum + (value - centre) ** 2, 0) / (n - 1);
  return tQuantile(0.975, n - 1) * Math.sqrt(variance / n);
}

/**
 * A mean over seeds with its interval: over the seeds, or over the items where there is one seed alone.
 *
 * @param bySeed [seeds] one value a seed, at least one
 * @param items [items] each item's value in the only seed; looked at only when there is one seed
 */
export function estimate(bySeed: readonly number[], items: readonly number[]): Estimate {
  const interval = bySeed.length > 1 ? 'seeds' : 'items';
  const centre = mean(bySeed);
  const half = halfWidth95(interval === 'seeds' ? bySeed : items);
  if (half === null) return { mean: centre, low: null, high: null, n: bySeed.length, interval: null };
  return { mean: centre, low: centre - half, high: centre + half, n: bySeed.length, interval };
}
