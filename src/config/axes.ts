import { sentence, show, valueAt } from './describe.js';
import type { GridDocument, Path } from './document.js';
import { suggest } from './nearest.js';
import type { Problems } from './problems.js';
import type { Axis, Scalar } from './recipe.js';
import { SETTINGS } from './schema.js';

/**
 * The grid's axes: of each, the distinct values that its setting can take. What is wrong is added to `problems`,
 * and an axis without any valid value is left out.
 */
export function checkAxes(axes: Readonly<Record<string, unknown>>, document: GridDocument, problems: Problems): Axis[] {
  return Object.entries(axes).flatMap(([path, values]) => {
    const valid = checkAxis(path, values, document, problems);
    return valid.length > 0 ? [{ path, values: valid }] : [];
  });
}

function checkAxis(path: string, values: unknown, document: GridDocument, problems: Problems): Scalar[] {
  const setting = SETTINGS.get(path);
  const at = ['axes', path];
  if (!setting) {
    problems.add(document.placeOfKey(at), `axes: unknown setting ${show(path)}: ${suggestSetting(path)}`);
    return [];
  }
  if (!Array.isArray(values)) {
    problems.add(document.placeOf(at), `axis ${path} must be a list of values, but is ${show(values)}`);
    return [];
  }
  if (values.length === 0) {
    problems.add(document.placeOf(at), `axis ${path} is an empty list: give at least one value`);
    return [];
  }
  // As the recipe writes them: a list of parts is one value, however it is ordered.
  const parsed = values.map((value) => setting.safeParse(value));
  const written = values.map((value, index) => parsed[index]!.data ?? value);
  addDuplicates(written, at, `axis ${path}`, document, problems);
  return [...new Set<unknown>(written)].filter((value): value is Scalar => {
    const index = written.indexOf(value);
    const { success, error } = parsed[index]!;
    for (const issue of error?.issues ?? []) {
      const within = issue.path as Path;
      problems.add(
        document.placeOf([...at, index, ...within]),
        `${[path, ...within.filter((step) => typeof step === 'string')].join('.')} ${sentence(issue, valueAt(values[index], within))}`,
      );
    }
    return success;
  });
}

/** Adds every value that stands in a list for the second time. */
export function addDuplicates(
  values: readonly unknown[],
  at: readonly string[],
  label: string,
  document: GridDocument,
  problems: Problems,
): void {
  const seen = new Set<unknown>();
  values.forEach((value, index) => {
    if (seen.has(value)) problems.add(document.placeOf([...at, index]), `${label} has ${show(value)} twice`);
    seen.add(value);
  });
}

function suggestSetting(path: string): string {
  const inside = [...SETTINGS.keys()].filter((name) => name.startsWith(`${path}.`));
  return inside.length > 0
    ? `it is a group; an axis is one of ${inside.join(', ')}`
    : suggest(path, [...SETTINGS.keys()]);
}
