import { hashOf } from './hash.js';
import type { Axis, Recipe, Scalar, ScaleName, Variant } from './recipe.js';
import { defaultRecipe } from './scales.js';
import { recipeSchema } from './schema.js';

/** Values of settings by their dotted paths. */
export type Settings = Readonly<Record<string, Scalar>>;

/** Number of variants that the axes span: 1 where there is none. */
export function countVariants(axes: readonly Axis[]): number {
  return axes.reduce((product, axis) => product * axis.values.length, 1);
}

/** The full factorial of the axes, the last axis changing fastest: every combination of one value from each. */
export function expand(axes: readonly Axis[], base: Settings, scale: ScaleName): Variant[] {
  let cells: Settings[] = [{}];
  for (const { path, values } of axes) {
    cells = cells.flatMap((cell) => values.map((value) => ({ ...cell, [path]: value })));
  }
  return cells.map((settings, index) => {
    const recipe = resolve(scale, { ...base, ...settings });
    return { index, key: hashOf(recipe), settings, recipe };
  });
}

/** One recipe: the scale's defaults, and in their place what the grid's base and the variant's axes say. */
function resolve(scale: ScaleName, settings: Settings): Recipe {
  const recipe: Record<string, unknown> = { ...defaultRecipe(scale) };
  for (const [path, value] of Object.entries(settings)) {
    const [section, key] = path.split('.') as [string, string];
    recipe[section] = { ...(recipe[section] as object), [key]: value };
  }
  return recipeSchema.parse(recipe);
}

/** Freezes a value and everything in it. */
export function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const inner of Object.values(value)) deepFreeze(inner);
  }
  return value;
}
