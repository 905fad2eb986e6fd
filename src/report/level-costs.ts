import type { Axis } from '../config/plan.js';
import type { Scalar } from '../config/recipe.js';
import { foremost, inSharedCells } from './company.js';
import type { VariantCost } from './costs.js';
import type { Effect } from './effects.js';
import { otherSettings } from './settings.js';
import { mean } from './statistics/descriptive.js';

/** What one level of an axis costs and scores more than the axis's cheapest level. */
export interface LevelCost {
  readonly axis: string;
  readonly level: Scalar;
  /** The axis's cheapest level: the one that none costs less than. */
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
 * axes that both levels have.
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
    return effect ? axisCosts(axis, effect, costed) : [];
  });
}

function axisCosts({ path, values }: Axis, effect: Effect, variants: readonly CostedVariant[]): LevelCost[] {
  const levels = values.map((level) => ({
    level,
    variants: variants.filter(({ settings }) => settings[path] === level),
  }));
  type Level = (typeof levels)[number];
  const cell = ({ settings }: CostedVariant) => otherSettings(path, settings);
  const costsBeside = (level: Level, other: Level) => {
    const sides = inSharedCells(level.variants, other.variants, cell);
    if (sides[0].length === 0) return null;
    const [own, theirs] = sides.map((side) => ({
      flops: mean(side.map(({ flops }) => flops!)),
      seconds: mean(side.map(({ seconds }) => seconds)),
    }));
    return { own: own!, theirs: theirs! };
  };
  const dearness = (level: Level, other: Level) => {
    const costs = costsBeside(level, other);
    return costs && costs.own.flops - costs.theirs.flops;
  };
  const inCompany = levels.filter((level) =>
    levels.some((other) => other !== level && dearness(level, other) !== null),
  );
  const cheapest = foremost(inCompany, (first, second) => dearness(second, first));
  if (!cheapest) return [];
  const found = inCompany.flatMap((level): LevelCost[] => {
    const costs = level === cheapest ? null : costsBeside(level, cheapest);
    if (!costs) return [];
    const gain = gainOf(effect, level.level, cheapest.level);
    const [moreFlops, moreSeconds] = [costs.own.flops - costs.theirs.flops, costs.own.seconds - costs.theirs.seconds];
    const dearer = moreFlops / costs.theirs.flops >= LEAST_SHARE;
    const longer = moreSeconds / costs.theirs.seconds >= LEAST_SHARE;
    return [
      {
        axis: path,
        level: level.level,
        against: cheapest.level,
        flops: moreFlops,
        share: moreFlops / costs.theirs.flops,
        seconds: moreSeconds,
        gain,
        gainPerTeraflop: gain && dearer ? scaled(gain, 1e12 / moreFlops) : null,
        gainPerMinute: gain && dearer && longer ? scaled(gain, 60 / moreSeconds) : null,
      },
    ];
  });
  return found.sort((a, b) => a.flops - b.flops);
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
