import type { Axis } from '../config/plan.js';
import type { Scalar } from '../config/recipe.js';
import { groupedBy, type Measure, type Observation } from './observations.js';
import { type Estimate, estimate, mean } from './statistics.js';

/** What is scored at one level of an axis: nulls where no comparable trial has finished. */
export type LevelEffect = { readonly level: Scalar; readonly variants: number } & (
  | Estimate
  | { readonly mean: null; readonly low: null; readonly high: null; readonly n: 0; readonly interval: null }
);

/** How much a task's metric, or a mean over tasks, moves along one axis. */
export interface Effect {
  readonly axis: string;
  /** In the axis's own order. */
  readonly levels: readonly LevelEffect[];
  /** The level that scores best; null where fewer than two can be compared. */
  readonly best: Scalar | null;
  /** Distance of the best level and the worst; null where fewer than two levels can be compared. */
  readonly span: number | null;
}

/**
 * The main effect of an axis: at each level the mean over all variants that have it, averaged within each seed first,
 * with its interval over seeds (over items, which all variants share, where there is one seed).
 *
 * In a run that is not finished, a level's variants are compared only in the company that the other levels also have:
 * a cell (the other axes' values and the seed) counts when every level that has finished anything has finished it.
 */
export function effectOf(axis: Axis, { lowerIsBetter, observed: { asked } }: Measure): Effect {
  const present = axis.values.filter((level) => asked.some(({ variant }) => variant.settings[axis.path] === level));
  const cells = groupedBy(asked, (observation) => cellKey(axis, observation));
  const compared = [...cells.values()].filter((cell) => cell.length === present.length).flat();
  const levels = axis.values.map((level) =>
    levelEffect(
      level,
      compared.filter(({ variant }) => variant.settings[axis.path] === level),
    ),
  );
  const ranked = levels
    .flatMap(({ level, mean: value }) => (value === null ? [] : [{ level, value }]))
    .sort((a, b) => (lowerIsBetter ? a.value - b.value : b.value - a.value));
  const [best] = ranked;
  const worst = ranked.at(-1);
  if (!best || ranked.length < 2) return { axis: axis.path, levels, best: null, span: null };
  return { axis: axis.path, levels, best: best.level, span: Math.abs(best.value - worst!.value) };
}

/** The seed and every other axis's value. */
function cellKey(axis: Axis, { variant, seed }: Observation): string {
  const others = Object.entries(variant.settings).filter(([path]) => path !== axis.path);
  return JSON.stringify([seed, others.sort(([a], [b]) => (a < b ? -1 : 1))]);
}

function levelEffect(level: Scalar, observations: readonly Observation[]): LevelEffect {
  const [first] = observations;
  if (!first) return { level, variants: 0, mean: null, low: null, high: null, n: 0, interval: null };
  const variants = new Set(observations.map(({ variant }) => variant.key)).size;
  const bySeed = groupMeans(observations.map(({ seed, value }) => [seed, value]));
  const byItem = first.items.map((_, task) => groupMeans(observations.flatMap(({ items }) => [...items[task]!])));
  return { level, variants, ...estimate(bySeed, byItem) };
}

/** The mean of the values of each group, in the order of first appearance. */
function groupMeans<Key>(pairs: readonly (readonly [Key, number])[]): number[] {
  const groups = groupedBy(pairs, ([key]) => key);
  return [...groups.values()].map((group) => mean(group.map(([, value]) => value)));
}
