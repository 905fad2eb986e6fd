import { groupedBy, type Measure, meanOf, type Observation, sampleOf } from './observations.js';
import { type Comparison, compare } from './statistics/comparison.js';
import type { Sample } from './statistics/crossed.js';
import { mean } from './statistics/descriptive.js';
import { type SeedPool, seedsOfDifference, seedsOfMean } from './statistics/seed-pool.js';

/** Several variants as one: their means, seed by seed. */
export interface VariantsSample extends Sample {
  readonly variants: number;
  /** Variants that a seed's value is the mean of: the harmonic mean over seeds, where some have finished fewer. */
  readonly averaged: number;
}

/** @param pool how much seeds vary, by all variants; null where that is not known */
export function sampleOfVariants(
  observations: readonly Observation[],
  measure: Pick<Measure, 'concepts'>,
  pool: SeedPool | null,
): VariantsSample {
  const bySeed = [...groupedBy(observations, ({ seed }) => seed).entries()].sort(([a], [b]) => a - b);
  const averaged = bySeed.map(([, own]): Observation => {
    const answers = own[0]!.answers.map((_, task) => meanOf(own.map((each) => each.answers[task]!)));
    return { ...own[0]!, value: mean(own.map(({ value }) => value)), answers };
  });
  const variants = new Set(observations.map(({ variant }) => variant.key)).size;
  const each = 1 / mean(bySeed.map(([, own]) => 1 / own.length));
  const seedParts = pool && bySeed.length > 1 ? seedsOfMean(pool, each, bySeed.length) : undefined;
  return { variants, averaged: each, ...sampleOf(averaged, measure, seedParts) };
}

/** What one sample scores more than another that shares its seeds and items, and none of its variants. */
export function compareSamples(a: VariantsSample, b: VariantsSample, pool: SeedPool | null): Comparison | null {
  const count = a.values.length;
  return compare(a, b, pool && count > 1 ? seedsOfDifference(pool, a.averaged, b.averaged, count) : undefined);
}
