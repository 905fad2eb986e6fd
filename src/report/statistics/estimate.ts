import { type Sample, spreadOf } from './crossed.js';
import { mean } from './descriptive.js';
import { type IntervalKind, reach } from './spread.js';

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

/** The mean over seeds, of which there is one at least, with what is known of its spread. */
export function estimate(sample: Sample): Estimate {
  const centre = mean(sample.values);
  const spread = spreadOf(sample);
  const n = sample.values.length;
  if (spread === null) return { mean: centre, low: null, high: null, n, interval: null };
  const half = reach(spread, 0.975);
  return { mean: centre, low: centre - half, high: centre + half, n, interval: spread.kind };
}
