import type { RunRecord } from './observations.js';
import { variantNumber } from './settings.js';
import { mean } from './statistics/descriptive.js';

/** What a variant costs by itself: stages that others share are counted whole. Means over its finished trials. */
export interface VariantCost {
  readonly variant: number;
  /** Floating point operations, all stages; null where an older mm1 ran one of them. */
  readonly flops: number | null;
  /** Seconds that its stages took where they were computed. */
  readonly seconds: number;
}

/** The cost of each variant of which a trial has finished; none of a run whose trials' stages are not on record. */
export function costsOf({ variants, trials, stages, trialStages }: RunRecord): VariantCost[] {
  const known = new Map(stages.map((stage) => [stage.key, stage]));
  return variants.flatMap((variant): VariantCost[] => {
    const own = trials.filter(({ variantId, status }) => variantId === variant.id && status === 'done');
    const costs = own.flatMap(({ id }) => {
      const found = (trialStages.get(id) ?? []).map((key) => known.get(key));
      if (found.length === 0 || found.some((stage) => stage === undefined)) return [];
      const flops = found.map((stage) => stage!.summary['work, FLOPs']);
      return [
        {
          seconds: found.reduce((sum, stage) => sum + stage!.seconds, 0),
          flops: flops.every((value) => typeof value === 'number')
            ? flops.reduce((sum, value) => sum + value, 0)
            : null,
        },
      ];
    });
    if (costs.length === 0) return [];
    const flops = costs.map((cost) => cost.flops);
    return [
      {
        variant: variantNumber(variant),
        flops: flops.every((value) => value !== null) ? mean(flops) : null,
        seconds: mean(costs.map(({ seconds }) => seconds)),
      },
    ];
  });
}

/** A variant with what it scores and what it costs. */
export interface Priced {
  readonly variant: number;
  readonly score: number;
  readonly cost: number;
}

/**
 * The variants that no other one beats at the same cost or less (the Pareto front), cheapest first.
 * @param lowerIsBetter whether a lower score is a better one
 */
export function paretoFront(variants: readonly Priced[], lowerIsBetter: boolean): Priced[] {
  const gain = ({ score }: Priced) => (lowerIsBetter ? -score : score);
  const order = [...variants].sort((a, b) => a.cost - b.cost || gain(b) - gain(a));
  let best = Number.NEGATIVE_INFINITY;
  return order.filter((each) => {
    if (gain(each) <= best) return false;
    best = gain(each);
    return true;
  });
}
