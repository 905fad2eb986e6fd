import { isMap, sentence, show, valueAt } from './describe.js';
import type { Path } from './document.js';
import type { GridText } from './grid-text.js';
import { suggest } from './nearest.js';
import type { Axis } from './plan.js';
import type { Problems } from './problems.js';
import type { Scalar, Settings } from './recipe.js';
import { SETTINGS } from './schema.js';

/** One value that a grid gives a setting, and where. */
export interface Written {
  readonly path: string;
  /** As the recipe says it. */
  readonly value: Scalar;
  readonly at: Path;
}

/** An axis, and where its values stand. */
export interface ReadAxis {
  readonly axis: Axis;
  readonly written: readonly Written[];
  /** Where its name stands. */
  readonly at: Path;
}

/** What belongs together where a grid is read. */
export interface Reading {
  readonly document: GridText;
  readonly problems: Problems;
}

/** Stands between the settings of an axis that varies several together. */
const ZIPPED = /\s*,\s*/;
/** A name of rows, or of one row: one line that fits a table. */
const NAME = /^[^\p{Cc}]{1,60}$/u;

/**
 * The grid's axes, each of one of four forms:
 * - `connector.tokens: [64, 144]`: values of a setting;
 * - `encoder.resolution, connector.tokens: [[224, 64], [336, 144]]`: settings that vary together;
 * - `encoder: {ViT-L: {encoder.model: vit-l, ...}, ...}`: rows with names, each of some settings;
 * - any of them as `{values: ..., when: {language_model.type: moe}}`: where something else has a value.
 *
 * What is wrong is added to `problems`, and an axis without any valid value is left out.
 */
export function checkAxes(
  axes: Readonly<Record<string, unknown>>,
  listed: readonly ReadAxis[],
  reading: Reading,
): ReadAxis[] {
  const read = Object.keys(axes).flatMap((name) => checkAxis(name, axes[name], reading));
  checkOverlap([...listed, ...read], reading);
  return read;
}

/** The axis whose rows are the grid's explicit variants. */
const VARIANT = 'variant';

/** Variants that a grid spells out, `variants: {small: {encoder.model: vit-b}, ...}` or a list: an axis of rows. */
export function checkVariants(given: unknown, reading: Reading): ReadAxis[] {
  if (given === undefined) return [];
  const at: Path = ['variants'];
  if (!isMap(given) && !Array.isArray(given)) {
    reading.problems.add(reading.document.placeOf(at), 'variants must be a map of names, or a list, of settings');
    return [];
  }
  const found = checkRows(VARIANT, given as Readonly<Record<string, unknown>>, at, reading);
  return found.axis.values.length > 0 ? [{ ...found, at }] : [];
}

function checkAxis(name: string, given: unknown, reading: Reading): ReadAxis[] {
  const conditional = isMap(given) && 'values' in given && Object.keys(given).every((key) => CONDITIONAL.includes(key));
  const at: Path = conditional ? ['axes', name, 'values'] : ['axes', name];
  const values = conditional ? given.values : given;
  const settings = name.split(ZIPPED);
  const found = isMap(values)
    ? checkRows(name, values, at, reading)
    : settings.length > 1
      ? checkZipped(name, settings, values, at, reading)
      : checkValues(name, values, at, reading);
  if (found.axis.values.length === 0) return [];
  return [{ ...found, at: ['axes', name] }];
}

const CONDITIONAL: readonly string[] = ['values', 'when'];

function checkValues(path: string, values: unknown, at: Path, { document, problems }: Reading) {
  const nothing = { axis: { path, values: [] }, written: [] };
  if (!SETTINGS.has(path)) {
    problems.add(document.placeOfKey(['axes', path]), `axes: unknown setting ${show(path)}: ${suggestSetting(path)}`);
    return nothing;
  }
  if (!isList(path, values, at, { document, problems })) return nothing;
  const parsed = values.map((value, index) => parse(path, value, [...at, index], { document, problems }));
  // As the recipe writes them: a list of parts is one value, however it is ordered.
  const said = values.map((value, index) => parsed[index] ?? value);
  addDuplicates(said, at, `axis ${path}`, document, problems);
  const written = parsed.flatMap((value, index) =>
    value === undefined || parsed.indexOf(value) < index ? [] : [{ path, value, at: [...at, index] }],
  );
  return { axis: { path, values: written.map(({ value }) => value) }, written };
}

/** A list of lists: each gives every setting its value. */
function checkZipped(name: string, settings: readonly string[], values: unknown, at: Path, reading: Reading) {
  const { document, problems } = reading;
  const path = settings.join(', ');
  const unknown = settings.filter((setting) => !SETTINGS.has(setting));
  for (const setting of unknown)
    problems.add(
      document.placeOfKey(['axes', name]),
      `axes: unknown setting ${show(setting)}: ${suggestSetting(setting)}`,
    );
  const rows: Record<string, Settings> = {};
  const written: Written[] = [];
  if (unknown.length > 0 || !isList(path, values, at, reading)) return { axis: { path, values: [] }, written };
  values.forEach((row, index) => {
    const place = [...at, index];
    if (!Array.isArray(row) || row.length !== settings.length) {
      const wanted = `a list of ${settings.length} values, one for each of ${path}`;
      problems.add(document.placeOf(place), `axis ${path}: every entry is ${wanted}; it is ${show(row)}`);
      return;
    }
    const parsed = row.map((value, i) => parse(settings[i]!, value, [...place, i], reading));
    if (parsed.some((value) => value === undefined)) return;
    const label = parsed.join(', ');
    if (label in rows) problems.add(document.placeOf(place), `axis ${path} has ${label} twice`);
    rows[label] = Object.fromEntries(settings.map((setting, i) => [setting, parsed[i]!]));
    settings.forEach((setting, i) => {
      written.push({ path: setting, value: parsed[i]!, at: [...place, i] });
    });
  });
  return { axis: { path, values: Object.keys(rows), rows }, written };
}

/** A map of rows: a name, and the settings that stand for it. */
function checkRows(name: string, given: Readonly<Record<string, unknown>>, at: Path, reading: Reading) {
  const { document, problems } = reading;
  const rows: Record<string, Settings> = {};
  const written: Written[] = [];
  const refused = SETTINGS.has(name)
    ? `axis ${name} must be a list of values, but is a map; rows of several settings go by a name of their own`
    : !NAME.test(name) && 'the name of an axis is one line of 1 to 60 characters';
  if (refused) problems.add(document.placeOf(at), refused);
  if (Object.keys(given).length === 0) problems.add(document.placeOf(at), `axis ${name} has no rows`);
  for (const [key, settings] of Object.entries(given)) {
    const place = [...at, Array.isArray(given) ? Number(key) : key];
    const row = Array.isArray(given) ? String(Number(key) + 1) : key;
    if (!NAME.test(row))
      problems.add(document.placeOfKey(place), 'the name of a row is one line of 1 to 60 characters');
    const read = checkSettings(settings, place, `row ${show(row)} of axis ${name}`, reading);
    if (!read) continue;
    rows[row] = Object.fromEntries(read.map(({ path, value }) => [path, value]));
    written.push(...read);
  }
  return { axis: { path: name, values: refused ? [] : Object.keys(rows), rows }, written };
}

/**
 * A map of settings with a value each.
 * @returns undefined where one of them is wrong
 */
export function checkSettings(given: unknown, at: Path, what: string, reading: Reading): Written[] | undefined {
  const { document, problems } = reading;
  if (given === null) return []; // the base as it is
  if (!isMap(given)) {
    problems.add(document.placeOf(at), `${what} must be a map of settings, for instance {connector.tokens: 64}`);
    return undefined;
  }
  const read = Object.entries(given).map(([path, value]): Written | undefined => {
    if (!SETTINGS.has(path)) {
      problems.add(
        document.placeOfKey([...at, path]),
        `${what}: unknown setting ${show(path)}: ${suggestSetting(path)}`,
      );
      return undefined;
    }
    const parsed = parse(path, value, [...at, path], reading);
    return parsed === undefined ? undefined : { path, value: parsed, at: [...at, path] };
  });
  return read.every((each) => each !== undefined) ? read : undefined;
}

/** A setting's value as the recipe says it; undefined, and told, where it is none. */
export function parse(path: string, value: unknown, at: Path, { document, problems }: Reading): Scalar | undefined {
  const { data, error } = SETTINGS.get(path)!.safeParse(value);
  for (const issue of error?.issues ?? []) {
    const within = issue.path as Path;
    const name = [path, ...within.filter((step) => typeof step === 'string')].join('.');
    problems.add(document.placeOf([...at, ...within]), `${name} ${sentence(issue, valueAt(value, within))}`);
  }
  return data as Scalar | undefined;
}

function isList(
  path: string,
  values: unknown,
  at: Path,
  { document, problems }: Reading,
): values is readonly unknown[] {
  if (Array.isArray(values) && values.length > 0) return true;
  const message = Array.isArray(values)
    ? `axis ${path} is an empty list: give at least one value`
    : `axis ${path} must be a list of values, but is ${show(values)}`;
  problems.add(document.placeOf(at), message);
  return false;
}

/** Two axes that set one setting would each undo the other. */
function checkOverlap(axes: readonly ReadAxis[], { document, problems }: Reading): void {
  const owners = new Map<string, ReadAxis>();
  for (const axis of axes) {
    for (const path of new Set(axis.written.map((each) => each.path))) {
      const owner = owners.get(path);
      if (owner) problems.add(document.placeOfKey(axis.at), `${path} is set by two axes: ${owner.axis.path} too`);
      else owners.set(path, axis);
    }
  }
}

/** Adds every value that stands in a list for the second time. */
export function addDuplicates(
  values: readonly unknown[],
  at: Path,
  label: string,
  document: GridText,
  problems: Problems,
): void {
  const seen = new Set<unknown>();
  values.forEach((value, index) => {
    if (seen.has(value)) problems.add(document.placeOf([...at, index]), `${label} has ${show(value)} twice`);
    seen.add(value);
  });
}

export function suggestSetting(path: string): string {
  const inside = [...SETTINGS.keys()].filter((name) => name.startsWith(`${path}.`));
  return inside.length > 0
    ? `it is a group; an axis is one of ${inside.join(', ')}`
    : suggest(path, [...SETTINGS.keys()]);
}
