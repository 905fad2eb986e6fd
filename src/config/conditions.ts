import { parse, type ReadAxis, type Reading, suggestSetting } from './axes.js';
import { isMap, show } from './describe.js';
import type { Path } from './document.js';
import { suggest } from './nearest.js';
import type { Axis, Conditions, Exclusion, Variant } from './plan.js';
import type { Where } from './problems.js';
import type { Recipe, Scalar, Settings } from './recipe.js';
import { SETTINGS } from './schema.js';

/** Whether everything that is asked holds. */
export function holds(conditions: Conditions, facts: Settings): boolean {
  return Object.entries(conditions).every(([path, values]) => values.some((value) => value === facts[path]));
}

/** Everything that can be asked of a variant: its recipe's settings, and rows by their axis. */
export function factsOf(variant: Pick<Variant, 'recipe' | 'settings'>, effective: Settings): Settings {
  return { ...flat(variant.recipe), ...effective, ...variant.settings };
}

/** A recipe's settings by their dotted paths; lists are left out. */
export function flat(recipe: Recipe): Settings {
  const entries = Object.entries(recipe).flatMap(([section, value]): [string, Scalar][] =>
    typeof value === 'object'
      ? Object.entries(value as Record<string, unknown>).flatMap(([key, inner]): [string, Scalar][] =>
          typeof inner === 'object' || inner === undefined ? [] : [[`${section}.${key}`, inner as Scalar]],
        )
      : [[section, value]],
  );
  return Object.fromEntries(entries);
}

/**
 * A map of conditions as a grid writes it: `{connector.type: [linear, mlp], encoder: ViT-L}`.
 * @returns undefined where something is wrong with it
 */
export function readConditions(given: unknown, at: Path, what: string, axes: readonly Axis[], reading: Reading) {
  const { document, problems } = reading;
  if (!isMap(given) || Object.keys(given).length === 0) {
    problems.add(document.placeOf(at), `${what} must be a map of settings, for instance {connector.type: linear}`);
    return undefined;
  }
  const read: Record<string, readonly Scalar[]> = {};
  let whole = true;
  for (const [path, value] of Object.entries(given)) {
    const place = [...at, path];
    const axis = axes.find((each) => each.path === path && each.rows);
    const listed = Array.isArray(value)
      ? value.map((each, i) => ({ each, at: [...place, i] }))
      : [{ each: value, at: place }];
    if (axis) {
      const names = axis.values.map(String);
      for (const { each, at: where } of listed) {
        if (names.includes(String(each))) continue;
        whole = false;
        problems.add(
          document.placeOf(where),
          `${what}: axis ${path} has no row ${show(each)}: ${suggest(String(each), names)}`,
        );
      }
      read[path] = listed.map(({ each }) => String(each));
    } else if (!SETTINGS.has(path)) {
      whole = false;
      problems.add(document.placeOfKey(place), `${what}: unknown setting ${show(path)}: ${suggestSetting(path)}`);
    } else {
      const values = listed.map(({ each, at: where }) => parse(path, each, where, reading));
      whole &&= values.every((each) => each !== undefined);
      read[path] = values.flatMap((each) => each ?? []);
    }
  }
  return whole ? read : undefined;
}

/** Adds to axes what the grid says of where they count. */
export function withConditions(
  axes: readonly ReadAxis[],
  given: Readonly<Record<string, unknown>>,
  reading: Reading,
): ReadAxis[] {
  const all = axes.map(({ axis }) => axis);
  return axes.map((read) => {
    const name = String(read.at[1]);
    const entry = given[name];
    if (!isMap(entry) || !('when' in entry) || read.written.some(({ at }) => at[2] === 'when')) return read;
    const others = all.filter(({ path }) => path !== read.axis.path);
    const when = readConditions(entry.when, ['axes', name, 'when'], `when of axis ${name}`, others, reading);
    return when ? { ...read, axis: { ...read.axis, when } } : read;
  });
}

/** The grid's `exclude`: cells that are left out, each with a reason. */
export function readExclusions(given: unknown, axes: readonly Axis[], reading: Reading): Omit<Exclusion, 'cells'>[] {
  const { document, problems } = reading;
  if (given === undefined) return [];
  const form = 'must be {where: {connector.type: linear}, reason: "why"}';
  if (!Array.isArray(given)) {
    problems.add(document.placeOf(['exclude']), `exclude is a list, and each entry ${form}`);
    return [];
  }
  return given.flatMap((entry: unknown, i) => {
    const at: Path = ['exclude', i];
    const whole = isMap(entry) && Object.keys(entry).every((key) => key === 'where' || key === 'reason');
    if (!whole || typeof entry.reason !== 'string' || entry.reason.trim() === '') {
      problems.add(document.placeOf(at), `exclude, value ${i + 1}, ${form}`);
      return [];
    }
    const where = readConditions(entry.where, [...at, 'where'], 'exclude', axes, reading);
    return where ? [{ where, reason: entry.reason.trim().replaceAll(/\s+/g, ' ') }] : [];
  });
}

/** The command line's `--only`s: `connector.type=c-abstractor`, several values with commas between. */
export function readOnly(typed: readonly string[], axes: readonly Axis[], { problems }: Reading): Conditions {
  const read: Record<string, readonly Scalar[]> = {};
  for (const text of typed) {
    const where: Where = { option: `--only ${text}` };
    const [, name, list] = /^\s*(.+?)\s*=(.*)$/s.exec(text) ?? [];
    const axis = axes.find(({ path }) => path === name);
    if (name === undefined || list === undefined) {
      problems.add(where, 'must be an axis and some of its values: connector.type=c-abstractor');
    } else if (!axis) {
      const paths = axes.map(({ path }) => path);
      problems.add(where, `the grid has no axis ${show(name)}${paths.length > 0 ? `: ${suggest(name, paths)}` : ''}`);
    } else {
      const labels = axis.values.map(String);
      const wanted = labels.includes(list.trim()) ? [list.trim()] : list.split(',').map((each) => each.trim());
      for (const each of wanted)
        if (!labels.includes(each))
          problems.add(where, `axis ${name} has no value ${show(each)}: ${suggest(each, labels)}`);
      read[name] = axis.values.filter((value) => wanted.includes(String(value)));
    }
  }
  return read;
}
