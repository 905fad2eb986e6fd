import type { Axis, Design } from '../config/plan.js';
import type { Scalar } from '../config/recipe.js';
import { groupedBy, inWholeSeeds, type Measure, type Observation, poolOf } from './observations.js';
import { otherSettings } from './settings.js';
import type { Comparison } from './statistics/comparison.js';
import { type Estimate, estimate } from './statistics/estimate.js';
import { holm } from './statistics/multiple-tests.js';
import { compareSamples, sampleOfVariants, type VariantsSample } from './variants-sample.js';

/** What is scored at one level of an axis: nulls where no comparable trial has finished. */
export type LevelEffect = { readonly level: Scalar; readonly variants: number } & (
  | Estimate
  | { readonly mean: null; readonly low: null; readonly high: null; readonly n: 0; readonly interval: null }
);

/** Two levels of an axis compared, paired by seed and item. */
export interface LevelPair extends Comparison {
  /** The one that scores better stands first; the difference is what it scores more, whichever way is up. */
  readonly levels: readonly [Scalar, Scalar];
  /** p by Holm among all pairs of levels of all axes of the measure. */
  readonly holm: number;
}

/** How much a task's metric, or a mean over tasks, moves along one axis. */
export interface Effect {
  readonly axis: string;
  /** In the axis's own order. */
  readonly levels: readonly LevelEffect[];
  /** The level that scores best; null where fewer than two can be compared. */
  readonly best: Scalar | null;
  /** Distance of the best level and the worst; null where fewer than two levels can be compared. */
  readonly span: number | null;
  /** Every two levels that can be compared, those of the best one first and the widest apart first; of many levels those alone. */
  readonly pairs: readonly LevelPair[];
}

/**
 * The main effects of axes: at each level the mean over all variants that have it, averaged within each seed first, with its
 * interval over seeds and items, which all variants share.
 *
 * A level's variants are compared only in the company that the other levels also have: a cell (the other axes' values and the
 * seed) counts when every level that has finished anything has finished it. A fraction has no such cells: there all variants
 * count of the seeds that have finished all of them, for the design balances the other axes.
 */
export function effectsOf(axes: readonly Axis[], design: Design, measure: Measure): Effect[] {
  const effects = axes.map((axis) => effectOf(axis, design, measure));
  const adjusted = holm(effects.flatMap(({ pairs }) => pairs.map(({ p }) => p)));
  let place = 0;
  return effects.map((effect) => ({
    ...effect,
    pairs: effect.pairs.map((pair) => ({ ...pair, holm: adjusted[place++]! })),
  }));
}

function effectOf(axis: Axis, design: Design, measure: Measure): Effect {
  const { lowerIsBetter } = measure;
  const compared = design.kind === 'fraction' ? inWholeSeeds(measure.observed.asked) : inCompany(axis, measure);
  const pool = poolOf(compared);
  const samples = new Map(
    axis.values.flatMap((level): [Scalar, VariantsSample][] => {
      const own = compared.filter(({ variant }) => variant.settings[axis.path] === level);
      return own.length === 0 ? [] : [[level, sampleOfVariants(own, measure, pool)]];
    }),
  );
  const levels = axis.values.map((level): LevelEffect => {
    const sample = samples.get(level);
    if (!sample) return { level, variants: 0, mean: null, low: null, high: null, n: 0, interval: null };
    return { level, variants: sample.variants, ...estimate(sample) };
  });
  const ranked = levels
    .flatMap(({ level, mean: value }) => (value === null ? [] : [{ level, value }]))
    .sort((a, b) => (lowerIsBetter ? a.value - b.value : b.value - a.value));
  const [best] = ranked;
  const worst = ranked.at(-1);
  if (!best || ranked.length < 2) return { axis: axis.path, levels, best: null, span: null, pairs: [] };
  const firsts = ranked.length > MOST_PAIRED ? [best] : ranked;
  const pairs = firsts.flatMap(({ level: first }, i) =>
    ranked
      .slice(i + 1)
      .reverse()
      .flatMap(({ level: second }): LevelPair[] => {
        const [better, worse] = [samples.get(first)!, samples.get(second)!];
        const found = lowerIsBetter ? compareSamples(worse, better, pool) : compareSamples(better, worse, pool);
        return found ? [{ levels: [first, second], ...found, holm: found.p }] : [];
      }),
  );
  return { axis: axis.path, levels, best: best.level, span: Math.abs(best.value - worst!.value), pairs };
}

/** Observations whose cell every level has that has finished anything. */
function inCompany(axis: Axis, { observed: { asked } }: Measure): Observation[] {
  const present = axis.values.filter((level) => asked.some(({ variant }) => variant.settings[axis.path] === level));
  const cells = groupedBy(asked, ({ variant, seed }) => `${seed} ${otherSettings(axis.path, variant.settings)}`);
  return [...cells.values()].filter((cell) => cell.length === present.length).flat();
}

/** Most levels of which every pair is compared; of more, each is compared with the best. */
const MOST_PAIRED = 12;
