import type { ReadAxis, Reading } from './axes.js';
import { checkLoaded } from './checkpoints.js';
import { valueAt } from './describe.js';
import type { Path } from './document.js';
import type { ExpandedVariant } from './expand.js';
import type { EvaluationSpec } from './plan.js';
import type { Settings } from './recipe.js';
import { type Breach, checkRules, checkShots } from './rules.js';
import { basePath } from './schema.js';

/** What rules between settings are checked on. */
export interface Checked {
  readonly axes: readonly ReadAxis[];
  readonly base: Settings;
  /** Settings that are known to be wrong by themselves. */
  readonly faulty: ReadonlySet<string>;
  readonly evaluation: EvaluationSpec;
}

/** Adds every rule between settings that a variant breaks: at the axis's value that breaks it, or at the base's. */
export function checkVariant(variant: ExpandedVariant, checked: Checked, { document, problems }: Reading): void {
  const add = ({ paths, message }: Breach, at?: Path) => {
    if (paths.some((path) => checked.faulty.has(path) && varied(variant, path, checked.axes) === undefined)) return;
    const place = at ?? placeOf(paths, variant, checked);
    problems.add(document.placeOf(place), message);
  };
  const breaches = [...checkLoaded(variant.effective), ...checkRules(variant.recipe)];
  for (const breach of breaches) add(breach);
  if (breaches.length > 0) return;
  for (const { shots, ...breach } of checkShots(variant.recipe, checked.evaluation)) {
    add(breach, placeOfShots(shots, document.value));
  }
}

/** Where a grid asks with so many shots, of every task or of the first that has its own; undefined where it does not say. */
function placeOfShots(shots: number, grid: unknown): Path | undefined {
  const tasks = valueAt(grid, ['evaluation', 'tasks']);
  const lists = [['evaluation'], ...(Array.isArray(tasks) ? tasks.map((_, i) => ['evaluation', 'tasks', i]) : [])];
  for (const at of lists) {
    const listed = valueAt(grid, [...at, 'shots']);
    const place = Array.isArray(listed) ? listed.indexOf(shots) : -1;
    if (place >= 0) return [...at, 'shots', place];
  }
  return undefined;
}

function placeOf(paths: readonly string[], variant: ExpandedVariant, { axes, base }: Checked): Path {
  for (const path of paths) {
    const place = varied(variant, path, axes);
    if (place) return place;
  }
  const fixed = paths.find((path) => base[path] !== undefined);
  return fixed === undefined ? [] : basePath(fixed);
}

/** Where an axis gives a variant a setting; undefined where none does. */
function varied(variant: ExpandedVariant, path: string, axes: readonly ReadAxis[]): Path | undefined {
  for (const { axis, written } of axes) {
    const label = variant.settings[axis.path];
    if (label === undefined) continue;
    const own = axis.rows ? axis.rows[String(label)]?.[path] : axis.path === path ? label : undefined;
    if (own === undefined) continue;
    const values = written.filter((each) => each.path === path && each.value === own);
    // Of two rows with one value, the row's own.
    return (values.find(({ at }) => at.includes(String(label))) ?? values[0])?.at;
  }
  return undefined;
}
