import type { Axis } from '../config/plan.js';
import type { Scalar } from '../config/recipe.js';
import type { VariantCost } from './costs.js';
import type { Effect } from './effects.js';
import { groupedBy } from './observations.js';
import { otherSettings } from './settings.js';
import { mean } from './statistics/descriptive.js';

/** What one level of an axis costs and scores more than the axis's cheapest level. */
export interface LevelCost {
  readonly axis: string;
  readonly level: Scalar;
  /** The axis's cheapest level. */
  readonly against: Scalar;
  /** Floating-point operations of a trial, and their share of the cheapest level's. */
  readonly flops: number;
  readonly share: number;
  readonly seconds: number;
  /** What it scores more (less, where negative), whichever way is up; null where the two were not compared. */
  readonly gain: Interval | null;
  /** The gain by TFLOP and by minute: null where it costs less than a hundredth more, or no more time. */
  readonly gainPerTeraflop: Interval | null;
  readonly gainPerMinute: Interval | null;
}

interface Interval {
  readonly difference: number;
  readonly low: number;
  readonly high: number;
}

/** Less than this share more is no other cost. */
const LEAST_SHARE = 0.01;

interface CostedVariant extends VariantCost {
  readonly settings: Readonly<Record<string, Scalar>>;
}

/**
 * What each axis's levels cost beyond the cheapest, and what a unit of that cost gains: means over the settings of the other
 * axes that every level has.
 * @param effects of the measure that decides
 */
export function levelCosts(
  axes: readonly Axis[],
  effects: readonly Effect[],
  variants: readonly { readonly number: number; readonly settings: Readonly<Record<string, Scalar>> }[],
  costs: readonly VariantCost[],
): LevelCost[] {
  const settings = new Map(variants.map((variant) => [variant.number, variant.settings]));
  const costed = costs.flatMap((cost): CostedVariant[] => {
    const own = settings.get(cost.variant);
    return own && cost.flops !== null ? [{ ...cost, settings: own }] : [];
  });
  return axes.flatMap((axis) => {
    const effect = effects.find(({ axis: path }) => path === axis.path);
    return effect ? axisCosts(axis, effect, inCompany(axis, costed)) : [];
  });
}

function axisCosts(axis: Axis, effect: Effect, variants: readonly CostedVariant[]): LevelCost[] {
  const levels = axis.values
    .flatMap((level) => {
      const own = variants.filter(({ settings }) => settings[axis.path] === level);
      if (own.length === 0) return [];
      return [{ level, flops: mean(own.map((each) => each.flops!)), seconds: mean(own.map((each) => each.seconds)) }];
    })
    .sort((a, b) => a.flops - b.flops);
  const [cheapest] = levels;
  if (!cheapest) return [];
  return levels.slice(1).map(({ level, flops, seconds }) => {
    const gain = gainOf(effect, level, cheapest.level);
    const [moreFlops, moreSeconds] = [flops - cheapest.flops, seconds - cheapest.seconds];
    const dearer = moreFlops / cheapest.flops >= LEAST_SHARE;
    return {
      axis: axis.path,
      level,
      against: cheapest.level,
      flops: moreFlops,
      share: moreFlops / cheapest.flops,
      seconds: moreSeconds,
      gain,
      gainPerTeraflop: gain && dearer ? scaled(gain, 1e12 / moreFlops) : null,
      gainPerMinute:
        gain && dearer && moreSeconds / cheapest.seconds >= LEAST_SHARE ? scaled(gain, 60 / moreSeconds) : null,
    };
  });
}

/** Variants whose other settings every level has. */
function inCompany(axis: Axis, variants: readonly CostedVariant[]): CostedVariant[] {
  const present = axis.values.filter((level) => variants.some(({ settings }) => settings[axis.path] === level));
  const cells = groupedBy(variants, ({ settings }) => otherSettings(axis.path, settings));
  return [...cells.values()].filter((cell) => cell.length === present.length).flat();
}

/** What one level scores more than another, by the comparison of the two. */
function gainOf({ pairs }: Effect, level: Scalar, against: Scalar): Interval | null {
  const pair = pairs.find(({ levels }) => levels.includes(level) && levels.includes(against));
  if (!pair) return null;
  const { difference, low, high } = pair;
  return pair.levels[0] === level ? { difference, low, high } : { difference: -difference, low: -high, high: -low };
}

const scaled = ({ difference, low, high }: Interval, by: number): Interval => ({
  difference: difference * by,
  low: low * by,
  high: high * by,
});
