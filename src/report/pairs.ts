import { groupedBy, inCommon, type Measure, poolOf, sampleOf } from './observations.js';
import { variantNumber } from './settings.js';
import { type Comparison, compare } from './statistics/comparison.js';
import { median, variance } from './statistics/descriptive.js';
import { holm } from './statistics/multiple-tests.js';
import { seedsOfDifference } from './statistics/seed-pool.js';

/** Two variants compared, seed by seed and item by item, over the seeds that both have finished. */
export interface VariantPair extends Comparison {
  /** Numbers of the variants; the difference is what the first scores more. */
  readonly variants: readonly [number, number];
  /** Number of seeds that both have finished. */
  readonly n: number;
  /** p by Holm among all pairs of the measure. */
  readonly holm: number;
}

/** Most variants of which every pair is compared, where asked for. */
const MOST_PAIRED = 24;

/**
 * The pairs of a measure's variants.
 * @param ranked numbers of the variants, best first
 * @param every whether to compare every two, if they are not too many, or the best with each other
 */
export function variantPairs(measure: Measure, ranked: readonly number[], every: boolean): VariantPair[] {
  const own = groupedBy(measure.observed.asked, ({ variant }) => variantNumber(variant));
  const pool = poolOf(measure.observed.asked);
  const firsts = every && ranked.length <= MOST_PAIRED ? ranked : ranked.slice(0, 1);
  const found = firsts.flatMap((a, i) =>
    ranked.slice(i + 1).flatMap((b) => {
      const [first, second] = inCommon(own.get(a)!, own.get(b)!);
      const seedParts = pool && first.length > 1 ? seedsOfDifference(pool, 1, 1, first.length) : undefined;
      const compared = compare(sampleOf(first, measure), sampleOf(second, measure), seedParts);
      return compared ? [{ variants: [a, b] as const, n: first.length, ...compared }] : [];
    }),
  );
  const adjusted = holm(found.map(({ p }) => p));
  return found.map((pair, i) => ({ ...pair, holm: adjusted[i]! }));
}

/** How much a measure varies where nothing was changed. */
export interface Noise {
  /** Standard deviation between seeds of one variant, pooled over variants; null where none has two seeds. */
  readonly seeds: number | null;
  /** The difference of two variants that this design finds four times in five: the median over pairs; null without pairs. */
  readonly detectable: number | null;
}

export function noiseOf({ observed: { asked } }: Measure, pairs: readonly VariantPair[]): Noise {
  const groups = [...groupedBy(asked, ({ variant }) => variant.id).values()].filter(({ length }) => length > 1);
  const degrees = groups.reduce((sum, { length }) => sum + length - 1, 0);
  const squares = groups.reduce((sum, own) => sum + variance(own.map(({ value }) => value)) * (own.length - 1), 0);
  return {
    seeds: degrees === 0 ? null : Math.sqrt(squares / degrees),
    detectable: pairs.length === 0 ? null : median(pairs.map(({ detectable }) => detectable)),
  };
}
