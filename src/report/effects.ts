import type { Axis, Scalar } from '../config/recipe.js';
import type { Measure, Observation } from './observations.js';
import { type Estimate, estimate, mean } from './statistics.js';

/** What a task scores at one level of an axis: nulls where no comparable trial has finished. */
export type LevelEffect = { readonly level: Scalar; readonly variants: number } & (
  | Estimate
  | { readonly mean: null; readonly low: null; readonly high: null; readonly n: 0; readonly interval: null }
);

/** How much a task's metric moves along one axis. */
export interface Effect {
  readonly axis: string;
  readonly task: string;
  readonly shots: number;
  readonly metric: string;
  /** In the axis's own order. */
  readonly levels: readonly LevelEffect[];
  /** Best level minus worst; null where fewer than two levels can be compared. */
  readonly span: number | null;
}

/**
 * The main effect of an axis: at each level the mean over all variants that have it, averaged within each seed first,
 * with its interval over seeds (over items, which all variants share, where there is one seed).
 *
 * In a run that is not finished, a level's variants are compared only in the company that the other levels also have:
 * a cell (the other axes' values and the seed) counts when every level that has finished anything has finished it.
 */
export function effectOf(axis: Axis, measure: Measure): Effect {
  const present = axis.values.filter((level) =>
    measure.image.some(({ variant }) => variant.settings[axis.path] === level),
  );
  const cells = new Map<string, Observation[]>();
  for (const observation of measure.image) {
    const key = cellKey(axis, observation);
    cells.set(key, [...(cells.get(key) ?? []), observation]);
  }
  const compared = [...cells.values()].filter((cell) => cell.length === present.length).flat();
  const levels = axis.values.map((level) =>
    levelEffect(
      level,
      compared.filter(({ variant }) => variant.settings[axis.path] === level),
    ),
  );
  const means = levels.flatMap((level) => (level.mean === null ? [] : [level.mean]));
  const { task, shots, metric } = measure;
  const span = means.length < 2 ? null : Math.max(...means) - Math.min(...means);
  return { axis: axis.path, task, shots, metric, levels, span };
}

/** The seed and every other axis's value. */
function cellKey(axis: Axis, { variant, seed }: Observation): string {
  const others = Object.entries(variant.settings).filter(([path]) => path !== axis.path);
  return JSON.stringify([seed, others.sort(([a], [b]) => (a < b ? -1 : 1))]);
}

function levelEffect(level: Scalar, observations: readonly Observation[]): LevelEffect {
  const variants = new Set(observations.map(({ variant }) => variant.key)).size;
  if (variants === 0) return { level, variants, mean: null, low: null, high: null, n: 0, interval: null };
  const bySeed = groupValues(observations.map(({ seed, score }) => [seed, score.value]));
  const byItem = groupValues(observations.flatMap(({ items }) => [...items]));
  return { level, variants, ...estimate(bySeed, byItem) };
}

/** The mean of the values of each group, in the order of first appearance. */
function groupValues<Key>(pairs: readonly (readonly [Key, number])[]): number[] {
  const groups = new Map<Key, number[]>();
  for (const [key, value] of pairs) {
    const group = groups.get(key);
    if (group) group.push(value);
    else groups.set(key, [value]);
  }
  return [...groups.values()].map(mean);
}
