import type { VariantRow } from '../store/rows.js';
import { groupedBy, type Measure, type Observation, sampleOf } from './observations.js';
import { variantNumber } from './settings.js';
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
   * Whether the interval lies above chance and above the intervals of all controls that were measured; below, where
   * lower is better. Null where an interval is missing.
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
      const score = estimate(sampleOf(observations, measure));
      const controls = { blind: controlOf(blind, variant, measure), shuffled: controlOf(shuffled, variant, measure) };
      return {
        variant: variantNumber(variant),
        ...score,
        ...controls,
        beats: beats(score, Object.values(controls), measure),
        values: observations.map(({ seed, value }) => ({ seed, value })),
      };
    })
    .sort((a, b) => direction * (a.mean - b.mean));
}

function controlOf(observations: readonly Observation[], { id }: VariantRow, measure: Measure): Estimate | null {
  const own = observations.filter(({ variant }) => variant.id === id);
  return own.length === 0 ? null : estimate(sampleOf(own, measure));
}

function beats(score: Estimate, controls: readonly (Estimate | null)[], measure: Measure): boolean | null {
  const { chance, lowerIsBetter } = measure;
  const worst = lowerIsBetter ? score.high : score.low;
  if (worst === null) return null;
  const best = [chance];
  for (const control of controls) {
    if (control === null) continue;
    const end = lowerIsBetter ? control.low : control.high;
    if (end === null) return null;
    best.push(end);
  }
  return lowerIsBetter ? worst < Math.min(...best) : worst > Math.max(...best);
}
