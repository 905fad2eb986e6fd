import { isMap, valueAt } from './describe.js';
import type { Scalar, Settings } from './recipe.js';
import { basePath, keysAt, SETTINGS } from './schema.js';

/**
 * Settings whose value beside the axes cannot be relied on: a wrong one, or any of a group with an unknown key, which may
 * have been meant for it. Rules between settings are not checked on them, since their findings would mislead.
 */
export function faultySettings(grid: unknown): Set<string> {
  const faulty = new Set<string>();
  for (const [path, setting] of SETTINGS) {
    const at = basePath(path);
    const around = at.slice(0, -1);
    const group = valueAt(grid, around);
    if (group === undefined) continue;
    const known = keysAt(around);
    const strange = !isMap(group) || Object.keys(group).some((name) => !known.includes(name));
    const value = valueAt(grid, at);
    if (strange || (value !== undefined && !setting.safeParse(value).success)) faulty.add(path);
  }
  return faulty;
}

/** The settings of a grid's base that are valid, by their dotted paths, as the recipe writes them. */
export function validBase(grid: unknown, faulty: ReadonlySet<string>): Settings {
  const base: Record<string, Scalar> = {};
  for (const [path, setting] of SETTINGS) {
    const value = valueAt(grid, basePath(path));
    if (value !== undefined && !faulty.has(path)) base[path] = setting.parse(value) as Scalar;
  }
  return base;
}
