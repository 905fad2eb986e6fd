import type { Axis, Design } from '../config/plan.js';
import type { Scalar } from '../config/recipe.js';
import type { VariantRow } from '../store/rows.js';
import { foremost, inSharedCells } from './company.js';
import { groupedBy, inWholeSeeds, type Measure, type Observation, poolOf } from './observations.js';
import { otherSettings } from './settings.js';
import type { Comparison } from './statistics/comparison.js';
import { mean } from './statistics/descriptive.js';
import { type Estimate, estimate } from './statistics/estimate.js';
import { holm } from './statistics/multiple-tests.js';
import { compareSamples, sampleOfVariants, type VariantsSample } from './variants-sample.js';

/** What is scored at one level of an axis: nulls where no comparable trial has finished. */
export type LevelEffect = { readonly level: Scalar; readonly variants: number } & (
  | Estimate
  | { readonly mean: null; readonly low: null; readonly high: null; readonly n: 0; readonly interval: null }
);

/** Two levels of an axis compared by the settings of the other axes that both have, paired by seed and item. */
export interface LevelPair extends Comparison {
  /** The one that scores better stands first; the difference is what it scores more, whichever way is up. */
  readonly levels: readonly [Scalar, Scalar];
  /** p by Holm among all pairs of levels of all axes of the measure. */
  readonly holm: number;
}

/** What a grid varies, and how. */
export interface Grid {
  readonly axes: readonly Axis[];
  readonly design: Design;
  /** All of them, finished or not. */
  readonly variants: readonly Pick<VariantRow, 'settings'>[];
}

/** How much a task's metric, or a mean over tasks, moves along one axis. */
export interface Effect {
  readonly axis: string;
  /** In the axis's own order. */
  readonly levels: readonly LevelEffect[];
  /** Whether all levels stand beside the same settings of the other axes: where not, a difference is no difference of the means. */
  readonly balanced: boolean;
  /** The level that none leads; null where fewer than two can be compared. */
  readonly best: Scalar | null;
  /** How much the best level leads the one that is farthest behind it; null where fewer than two levels can be compared. */
  readonly span: number | null;
  /** Every two levels that can be compared, those of the best one first and the widest apart first; of many levels those alone. */
  readonly pairs: readonly LevelPair[];
}

/**
 * The main effects of axes: at each level the mean over all variants that have it, averaged within each seed first, with its
 * interval over seeds and items, which all variants share.
 *
 * A level's variants are compared only in company: a cell (the other axes' values and the seed) counts when several levels stand
 * there, and each that the grid has there has finished it, but for levels of which nothing has. Where a grid leaves cells out,
 * two levels are compared by those that both have. A fraction has no such cells: there all variants count of the seeds that have
 * finished all of them, for the design balances the other axes.
 */
export function effectsOf(grid: Grid, measure: Measure): Effect[] {
  const effects = grid.axes.map((axis) => effectOf(axis, grid, measure));
  const adjusted = holm(effects.flatMap(({ pairs }) => pairs.map(({ p }) => p)));
  let place = 0;
  return effects.map((effect) => ({
    ...effect,
    pairs: effect.pairs.map((pair) => ({ ...pair, holm: adjusted[place++]! })),
  }));
}

/** What is known of a level: its observations that count, and what they are to statistics. */
interface KnownLevel {
  readonly level: Scalar;
  readonly observations: readonly Observation[];
  readonly sample: VariantsSample;
}

function effectOf({ path, values }: Axis, { design, variants }: Grid, measure: Measure): Effect {
  const { lowerIsBetter, observed } = measure;
  const fraction = design.kind === 'fraction';
  const counted = fraction ? inWholeSeeds(observed.asked) : inCompany(path, values, variants, observed.asked);
  const pool = poolOf(counted, ({ variant }) => variant.settings[path]);
  const known = values.flatMap((level): KnownLevel[] => {
    const observations = counted.filter(({ variant }) => variant.settings[path] === level);
    return observations.length === 0
      ? []
      : [{ level, observations, sample: sampleOfVariants(observations, measure, pool) }];
  });
  const levels = values.map((level): LevelEffect => {
    const own = known.find((each) => each.level === level);
    if (!own) return { level, variants: 0, mean: null, low: null, high: null, n: 0, interval: null };
    return { level, variants: own.sample.variants, ...estimate(own.sample) };
  });

  const balanced = fraction || inSameCells(known, path);
  const sampleIn = (own: KnownLevel, shared: readonly Observation[]) =>
    shared.length === own.observations.length ? own.sample : sampleOfVariants(shared, measure, pool);
  const met = (a: KnownLevel, b: KnownLevel): [VariantsSample, VariantsSample] | null => {
    if (balanced) return [a.sample, b.sample];
    const [ofA, ofB] = inSharedCells(a.observations, b.observations, (observation) => cellOf(path, observation));
    return ofA.length === 0 ? null : [sampleIn(a, ofA), sampleIn(b, ofB)];
  };
  const up = lowerIsBetter ? -1 : 1;
  const leadIn = ([a, b]: [VariantsSample, VariantsSample]) => up * (mean(a.values) - mean(b.values));
  const lead = (a: KnownLevel, b: KnownLevel): number | null => {
    const samples = met(a, b);
    return samples && leadIn(samples);
  };
  const byMean = [...known].sort((a, b) => up * (mean(b.sample.values) - mean(a.sample.values)));
  const best = foremost(byMean, lead);
  if (!best || known.length < 2) return { axis: path, levels, balanced, best: null, span: null, pairs: [] };
  const others = byMean.filter((each) => each !== best);
  const firsts = known.length > MOST_PAIRED ? [best] : [best, ...others];
  const pairs = firsts.flatMap((first, i) =>
    others
      .slice(i)
      .flatMap((second): LevelPair[] => {
        const samples = met(first, second);
        if (!samples) return [];
        const isBehind = leadIn(samples) < 0;
        const levels = isBehind ? ([second.level, first.level] as const) : ([first.level, second.level] as const);
        const [higher, lower] = isBehind === lowerIsBetter ? samples : [samples[1], samples[0]];
        const found = compareSamples(higher, lower, pool);
        return found ? [{ levels, ...found, holm: found.p }] : [];
      })
      .sort((a, b) => Math.abs(b.difference) - Math.abs(a.difference)),
  );
  const span = Math.max(...others.map((other) => lead(best, other) ?? 0));
  return { axis: path, levels, balanced, best: best.level, span, pairs };
}

/** Whether all levels stand in the same cells. */
function inSameCells(known: readonly KnownLevel[], axis: string): boolean {
  const cells = known.map(({ observations }) => observations.map((each) => cellOf(axis, each)).sort());
  return cells.every((own) => own.join() === cells[0]!.join());
}

const cellOf = (axis: string, { variant, seed }: Observation) => `${seed} ${otherSettings(axis, variant.settings)}`;

/** Observations whose cell several levels have, and every level that the grid has there, but for those of which nothing has finished at all. */
function inCompany(
  axis: string,
  values: readonly Scalar[],
  variants: Grid['variants'],
  asked: readonly Observation[],
): Observation[] {
  const begun = values.filter((level) => asked.some(({ variant }) => variant.settings[axis] === level));
  const wanted = groupedBy(
    variants.filter(({ settings }) => begun.includes(settings[axis]!)),
    ({ settings }) => otherSettings(axis, settings),
  );
  const isWhole = (cell: readonly Observation[]) =>
    (cell.length > 1 || begun.length === 1) &&
    cell.length === wanted.get(otherSettings(axis, cell[0]!.variant.settings))?.length;
  return [...groupedBy(asked, (observation) => cellOf(axis, observation)).values()].filter(isWhole).flat();
}

/** Most levels of which every pair is compared; of more, each is compared with the best. */
const MOST_PAIRED = 12;
