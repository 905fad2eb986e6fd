import type { z } from 'zod';
import type { Path } from './document.js';
import type { GridText } from './grid-text.js';
import { suggest } from './nearest.js';
import { type Problems, printable } from './problems.js';

const NAMES: Readonly<Record<string, string>> = {
  int: 'a whole number',
  number: 'a finite number',
  string: 'text',
  array: 'a list',
  object: 'a map of settings',
  record: 'a map of settings',
};

/**
 * Adds zod's findings about the grid to the problems: in plain sentences, each at its own place.
 *
 * @param keysAt the valid keys of the map at a path
 */
export function addIssues(
  error: z.ZodError,
  grid: unknown,
  document: GridText,
  problems: Problems,
  keysAt: (path: Path) => readonly string[],
): void {
  for (const issue of error.issues) {
    const path = issue.path as Path;
    if (issue.code === 'unrecognized_keys') {
      for (const key of issue.keys) {
        const message = `unknown key ${show(key)}: ${suggest(key, keysAt(path))}`;
        problems.add(document.placeOfKey([...path, key]), message);
      }
    } else problems.add(document.placeOf(path), `${labelOf(path)} ${sentence(issue, valueAt(grid, path))}`);
  }
}

/** What is wrong, as the rest of a sentence that begins with the setting's name. */
export function sentence(issue: z.core.$ZodIssue, found: unknown): string {
  if (found === undefined) return 'is missing';
  switch (issue.code) {
    case 'invalid_value': {
      const names = issue.values.map(String);
      if (typeof found !== 'string') return `must be ${names.join(' or ')}, but is ${show(found)}`;
      return `has the unknown value ${show(found)}: ${suggest(found, names)}`;
    }
    case 'invalid_type':
      return `must be ${NAMES[issue.expected] ?? issue.expected}, but is ${show(found)}`;
    case 'too_small':
      if (issue.origin === 'array') return 'is an empty list: give at least one value';
      if (issue.origin === 'string') return `${issue.message}; it is ${show(found)}`;
      return `must be ${issue.inclusive ? 'at least' : 'greater than'} ${issue.minimum}, but is ${show(found)}`;
    case 'too_big':
      return `must be at most ${issue.maximum}, but is ${show(found)}`;
    default:
      return `${issue.message}; it is ${show(found)}`;
  }
}

/** A value as a person would say it, short enough for one line. */
export function show(value: unknown): string {
  if (value === null) return 'empty';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a map';
  const text = printable(String(value));
  const short = text.length > 60 ? `${text.slice(0, 57)}...` : text;
  return typeof value === 'string' ? `"${short}"` : short;
}

/** A path as a person would name it: keys with dots, positions in lists counted from 1. */
function labelOf(path: Path): string {
  const last = path.at(-1);
  const keys = path.filter((step) => typeof step === 'string');
  const name = (keys.length > 1 && keys[0] === 'base' ? keys.slice(1) : keys).join('.');
  return typeof last === 'number' ? `${name}, value ${last + 1},` : name;
}

/** What stands at a path of plain values; undefined where there is nothing. */
export function valueAt(value: unknown, path: Path): unknown {
  let found = value;
  for (const step of path) {
    if (typeof found !== 'object' || found === null || !Object.hasOwn(found, step)) return undefined;
    found = (found as Record<string | number, unknown>)[step];
  }
  return found;
}

export function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
