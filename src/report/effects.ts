import type { Axis, Design } from '../config/plan.js';
import type { Scalar } from '../config/recipe.js';
import { groupedBy, inWholeSeeds, type Measure, meanOf, type Observation, poolOf, sampleOf } from './observations.js';
import { otherSettings } from './settings.js';
import { type Comparison, compare } from './statistics/comparison.js';
import type { Sample } from './statistics/crossed.js';
import { mean } from './statistics/descriptive.js';
import { type Estimate, estimate } from './statistics/estimate.js';
import { holm } from './statistics/multiple-tests.js';
import { type SeedPool, seedsOfDifference, seedsOfMean } from './statistics/seed-pool.js';

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
    axis.values.flatMap((level): [Scalar, LevelSample][] => {
      const own = compared.filter(({ variant }) => variant.settings[axis.path] === level);
      return own.length === 0 ? [] : [[level, levelSample(own, measure, pool)]];
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
        const count = better.values.length;
        const seedParts =
          pool && count > 1 ? seedsOfDifference(pool, better.averaged, worse.averaged, count) : undefined;
        const found = lowerIsBetter ? compare(worse, better, seedParts) : compare(better, worse, seedParts);
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

interface LevelSample extends Sample {
  readonly variants: number;
  /** Variants that a seed's value is the mean of: the harmonic mean over seeds, where some have finished fewer. */
  readonly averaged: number;
}

/** A level's variants as one: their means, seed by seed. */
function levelSample(observations: readonly Observation[], measure: Measure, pool: SeedPool | null): LevelSample {
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
