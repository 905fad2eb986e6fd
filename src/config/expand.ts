import { besideLoaded, type Checkpoints } from './checkpoints.js';
import { factsOf, flat, holds } from './conditions.js';
import { DESIGNS } from './designs/index.js';
import { canonicalJson, hashOf } from './hash.js';
import type { Axis, Conditions, Design, DesignKind, Exclusion, Variant } from './plan.js';
import type { Scalar, ScaleName, Settings } from './recipe.js';
import { baseOf, resolve } from './resolve.js';
import { defaultRecipe } from './scales.js';
import type { Sources } from './sources.js';

/** A variant, and what grid and design set of its recipe. */
export interface ExpandedVariant extends Variant {
  readonly effective: Settings;
}

/** What spans the variants. */
export interface ExpandInput {
  readonly axes: readonly Axis[];
  readonly base: Settings;
  readonly scale: ScaleName;
  readonly checkpoints: Checkpoints;
  readonly sources: Sources;
  readonly design: { readonly kind: DesignKind; readonly resolution: number };
  readonly exclusions: readonly Omit<Exclusion, 'cells'>[];
  /** What is wanted of them: all that is said holds. */
  readonly only: Conditions;
}

/** The variants of a grid, and how they came about. */
export interface Expansion {
  readonly variants: readonly ExpandedVariant[];
  /** As far as the base adds to them a value of its own. */
  readonly axes: readonly Axis[];
  readonly design: Design;
  readonly exclusions: readonly Exclusion[];
}

/** Number of cells of the full design: 1 where there is no axis. */
export function countCells(axes: readonly Axis[]): number {
  return axes.reduce((product, axis) => product * axis.values.length, 1);
}

/** The design's cells as variants: without axes that do not count there, excluded ones, those that are not asked for. */
export function expand(input: ExpandInput): Expansion {
  const { scale, checkpoints, sources, only } = input;
  const variantOf = (settings: Settings): ExpandedVariant => {
    const set = setBy(settings, input.axes);
    const effective = { ...baseOf(besideLoaded(input.base, set, input.axes), set), ...set };
    const recipe = resolve(scale, effective, checkpoints, sources);
    return { index: 0, key: hashOf(recipe), settings, recipe, effective };
  };
  const defaults = { ...flat(defaultRecipe(scale)), ...input.base };
  const axes = input.design.kind === 'one-at-a-time' ? input.axes.map((axis) => withBase(axis, defaults)) : input.axes;
  const centre = Object.fromEntries(axes.map((axis) => [axis.path, centreOf(axis, defaults)]));
  const { cells, design } = DESIGNS[input.design.kind]({ axes, centre, resolution: input.design.resolution });

  const counting = new Map<string, Settings>();
  for (const cell of cells) {
    const facts = { ...defaults, ...setBy(cell, axes), ...cell };
    const idle = axes.filter(({ when }) => when && !holds(when, facts)).map(({ path }) => path);
    const settings = Object.fromEntries(Object.entries(cell).filter(([path]) => !idle.includes(path)));
    counting.set(canonicalJson(settings), settings);
  }
  const all = [...counting.values()].map(variantOf);
  const taken = input.exclusions.map(({ where, reason }) => ({
    where,
    reason,
    cells: all.filter((variant) => holds(where, factsOf(variant, variant.effective))).length,
  }));
  const variants = all
    .filter((variant) => !taken.some(({ where }) => holds(where, factsOf(variant, variant.effective))))
    .filter((variant) => holds(only, variant.settings))
    .map((variant, index) => ({ ...variant, index }));
  return { variants, axes, design, exclusions: taken };
}

/** What a cell sets: a row sets several settings. */
function setBy(cell: Settings, axes: readonly Axis[]): Settings {
  const sets = axes.map(({ path, rows }): Settings => {
    const value = cell[path];
    if (value === undefined) return {};
    return rows ? rows[String(value)]! : { [path]: value };
  });
  return Object.assign({}, ...sets) as Settings;
}

/** An axis of one setting, with the base's value as its first where it lacks it. */
function withBase(axis: Axis, defaults: Settings): Axis {
  const value = defaults[axis.path];
  if (axis.rows || value === undefined || axis.values.includes(value)) return axis;
  return { ...axis, values: [value, ...axis.values] };
}

/** What the base says of an axis: its value, or the row that it is; where it is none, the first. */
function centreOf({ path, values, rows }: Axis, defaults: Settings): Scalar {
  if (!rows) return values.find((value) => value === defaults[path]) ?? values[0]!;
  const own = values.find((label) =>
    Object.entries(rows[String(label)]!).every(([setting, value]) => defaults[setting] === value),
  );
  return own ?? values[0]!;
}
