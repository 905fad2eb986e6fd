import { groupedBy, inCommon, type Measure, type Observation, sampleOf } from './observations.js';
import { variantNumber } from './settings.js';
import { compare } from './statistics/comparison.js';
import { type Estimate, estimate } from './statistics/estimate.js';

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
  return [...groupedBy(asked, ({ variant }) => variant).entries()]
    .map(([variant, observations]) => {
      const own = (control: readonly Observation[]) => control.filter((each) => each.variant.id === variant.id);
      const controls = { blind: own(blind), shuffled: own(shuffled) };
      return {
        variant: variantNumber(variant),
        ...estimate(sampleOf(observations, measure)),
        blind: controlOf(controls.blind, measure),
        shuffled: controlOf(controls.shuffled, measure),
        beats: beats(observations, Object.values(controls), measure),
        values: observations.map(({ seed, value }) => ({ seed, value })),
      };
    })
    .sort((a, b) => direction * (a.mean - b.mean));
}

function controlOf(observations: readonly Observation[], measure: Measure): Estimate | null {
  return observations.length === 0 ? null : estimate(sampleOf(observations, measure));
}

function beats(
  asked: readonly Observation[],
  controls: readonly (readonly Observation[])[],
  measure: Measure,
): boolean | null {
  const { chance, lowerIsBetter } = measure;
  const { low, high } = estimate(sampleOf(asked, measure));
  if (low === null || high === null) return null;
  if (lowerIsBetter ? high >= chance : low <= chance) return false;
  for (const control of controls.filter(({ length }) => length > 0)) {
    const [own, others] = inCommon(asked, control);
    const found = compare(sampleOf(own, measure), sampleOf(others, measure));
    if (found === null) return null;
    if (lowerIsBetter ? found.high >= 0 : found.low <= 0) return false;
  }
  return true;
}
