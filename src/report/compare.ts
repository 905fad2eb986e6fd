import { groupedBy, inCommon, type Measure, type Observation, poolOf, sampleOf } from './observations.js';
import { variantNumber } from './settings.js';
import { compare } from './statistics/comparison.js';
import { type Estimate, estimate } from './statistics/estimate.js';
import { type SeedPool, seedsOfMean } from './statistics/seed-pool.js';
import type { Part } from './statistics/spread.js';

/** What a variant scores beside its controls, in the metric's reported unit. Values are means over seeds of demonstrations. */
export interface VariantScore extends Estimate {
  /** The variant's number. */
  readonly variant: number;
  /** What the same trials score without the picture (of text alone, without the question); null where it was not measured. */
  readonly blind: Estimate | null;
  /** What they score with another item's. */
  readonly shuffled: Estimate | null;
  /**
   * Whether the interval lies above chance, and what the variant scores more than each control that was measured lies above 0,
   * paired by seed and item; below, where lower is better. Null where an interval is missing.
   */
  readonly beats: boolean | null;
  readonly values: readonly { readonly seed: number; readonly value: number }[];
}

/** Every variant of which a trial has finished, best first. */
export function compareVariants(measure: Measure): VariantScore[] {
  const { asked, blind, shuffled } = measure.observed;
  const direction = measure.lowerIsBetter ? 1 : -1;
  const pool = poolOf(asked);
  const margins = [blind, shuffled].map((control) => marginPool(asked, control));
  return [...groupedBy(asked, ({ variant }) => variant).entries()]
    .map(([variant, observations]) => {
      const own = (control: readonly Observation[]) => control.filter((each) => each.variant.id === variant.id);
      const controls = { blind: own(blind), shuffled: own(shuffled) };
      const score = estimate(sampleOf(observations, measure, ownSeeds(pool, observations.length)));
      return {
        variant: variantNumber(variant),
        ...score,
        blind: controlOf(controls.blind, measure),
        shuffled: controlOf(controls.shuffled, measure),
        beats: beats(score, observations, Object.values(controls), margins, measure),
        values: observations.map(({ seed, value }) => ({ seed, value })),
      };
    })
    .sort((a, b) => direction * (a.mean - b.mean));
}

function controlOf(observations: readonly Observation[], measure: Measure): Estimate | null {
  return observations.length === 0 ? null : estimate(sampleOf(observations, measure));
}

/** What seeds bring to the mean of one variant over so many of them, by the pool; of a lone seed nothing is known. */
function ownSeeds(pool: SeedPool | null, count: number): Part[] | undefined {
  return pool && count > 1 ? seedsOfMean(pool, 1, count) : undefined;
}

/** How much seeds vary in what variants score more than a control. */
function marginPool(asked: readonly Observation[], control: readonly Observation[]): SeedPool | null {
  const margins = asked.flatMap((own) => {
    const other = control.find(({ variant, seed }) => variant.id === own.variant.id && seed === own.seed);
    return other ? [{ ...own, value: own.value - other.value }] : [];
  });
  return margins.length === asked.length ? poolOf(margins) : null;
}

function beats(
  { low, high }: Estimate,
  asked: readonly Observation[],
  controls: readonly (readonly Observation[])[],
  margins: readonly (SeedPool | null)[],
  measure: Measure,
): boolean | null {
  const { chance, lowerIsBetter } = measure;
  if (low === null || high === null) return null;
  if (lowerIsBetter ? high >= chance : low <= chance) return false;
  for (const [i, control] of controls.entries()) {
    if (control.length === 0) continue;
    const [own, others] = inCommon(asked, control);
    const pool = margins[i] ?? null;
    const found = compare(sampleOf(own, measure), sampleOf(others, measure), ownSeeds(pool, own.length));
    if (found === null) return null;
    if (lowerIsBetter ? found.high >= 0 : found.low <= 0) return false;
  }
  return true;
}
