import { dirname, isAbsolute, join, resolve } from 'node:path';
import { parse as parseYaml } from 'yaml';
import { Mm1Error } from '../errors.js';
import { isMap, show, valueAt } from './describe.js';
import { GridDocument, type Path } from './document.js';
import { suggest } from './nearest.js';
import type { Problems, Where } from './problems.js';
import { readGridText } from './read.js';
import { basePath, keysAt, SETTINGS } from './schema.js';

/** A longer chain of grids is one that nobody can read. */
const LONGEST_CHAIN = 8;
/** How deep a grid and the one that it extends are laid over each other, by the top key: elsewhere the upper one counts whole. */
const LAID_OVER: Readonly<Record<string, number>> = { base: 2, scales: 3, axes: 1, evaluation: 1 };

/** One of the things that a grid is made of: its own file, files that it extends, options of the command line. */
interface Layer {
  readonly value: Readonly<Record<string, unknown>>;
  placeOf(path: Path): Where;
  placeOfKey(path: Path): Where;
}

/** A grid as plain values that still know where they stand, whichever layer they come from. */
export interface GridText extends Layer {
  /** Content of the grid's own file. */
  readonly text: string;
}

/**
 * Reads a grid, the grids that it extends, and what the command line sets in their place.
 * @param options `--set`s: `data.text=20`; `--scale`, where it is given
 * @throws Mm1Error E_FILE where the grid cannot be read, E_GRID where it is no YAML map
 */
export function readGrid(
  file: string,
  text: string,
  {
    set = [],
    scale: typedScale,
  }: { readonly set?: readonly string[] | undefined; readonly scale?: string | undefined },
  problems: Problems,
): GridText {
  const document = new GridDocument(text, problems);
  if (document.value === null) problems.add(document.placeOf([]), 'the file is empty');
  // With broken YAML everything that follows would be a guess.
  if (!isMap(document.value)) {
    if (problems.count === 0)
      problems.add(document.placeOf([]), `the grid must be a map, but is ${show(document.value)}`);
    throw problems.error();
  }
  const own: Layer = {
    value: document.value,
    placeOf: (p) => document.placeOf(p),
    placeOfKey: (p) => document.placeOfKey(p),
  };
  const below = extended(own, file, [resolve(file)], problems);
  const options = set.flatMap((typed) => optionLayer(typed, problems) ?? []);
  const scale =
    typedScale ?? [own, ...below].map(({ value }) => value.scale).find((each) => each !== undefined) ?? 'nano';
  const layers = [...options, ...[own, ...below].flatMap((layer) => [...atScale(layer, String(scale)), layer])];
  const pinned = options.flatMap(({ value }) => settingsOf(value));
  const merged = layers.map((layer) => layer.value).reduceRight(laidOver, {});
  const value = withoutScale(withoutAxes(merged, [...pinned, ...leftOut(merged, below)]), String(scale));
  const owner = (path: Path): Layer => {
    const whole = path.slice(0, (LAID_OVER[String(path[0])] ?? 0) + 1);
    for (let length = whole.length; length > 0; length--) {
      const found = layers.find((layer) => valueAt(layer.value, whole.slice(0, length)) !== undefined);
      if (found) return found;
    }
    return own;
  };
  return {
    text,
    value,
    placeOf: (path) => owner(path).placeOf(path),
    placeOfKey: (path) => owner(path).placeOfKey(path),
  };
}

/** What a grid says of one scale alone, as a layer over the rest of it. */
function atScale(layer: Layer, scale: string): Layer[] {
  const base = valueAt(layer.value, ['scales', scale]);
  if (!isMap(base)) return [];
  const written = (path: Path): Path => (path[0] === 'base' ? ['scales', scale, ...path.slice(1)] : path);
  return [
    {
      value: { base },
      placeOf: (path) => layer.placeOf(written(path)),
      placeOfKey: (path) => layer.placeOfKey(written(path)),
    },
  ];
}

/** Without what is said of a scale that is part of the base by now. */
function withoutScale(value: Layer['value'], scale: string): Layer['value'] {
  if (!isMap(value.scales) || !isMap(value.scales[scale])) return value;
  const others = Object.entries(value.scales).filter(([name]) => name !== scale);
  return { ...value, scales: Object.fromEntries(others) };
}

/** The grids that a layer extends, the nearest first. */
function extended(layer: Layer, file: string, chain: readonly string[], problems: Problems): Layer[] {
  const named = layer.value.extends;
  if (named === undefined) return [];
  const refuse = (message: string) => {
    problems.add(layer.placeOf(['extends']), message);
    return [];
  };
  if (typeof named !== 'string') return refuse(`extends must be the path of a grid, but is ${show(named)}`);
  const path = isAbsolute(named) ? named : join(dirname(file), named);
  if (chain.includes(resolve(path))) return refuse(`extends goes round in a circle: ${named} is extended by this grid`);
  if (chain.length > LONGEST_CHAIN)
    return refuse(`a grid extends at most ${LONGEST_CHAIN} others, one after the other`);
  let text: string;
  try {
    text = readGridText(path);
  } catch (error) {
    if (!(error instanceof Mm1Error)) throw error;
    return refuse(`extends: ${error.message} (${path})`);
  }
  const document = new GridDocument(text, problems, { file: path, text });
  if (!isMap(document.value)) return problems.count > 0 ? [] : refuse(`extends: ${path} is no grid: it must be a map`);
  const { name: _, ...value } = document.value; // each grid has its own name
  const found: Layer = { value, placeOf: (p) => document.placeOf(p), placeOfKey: (p) => document.placeOfKey(p) };
  return [found, ...extended(found, path, [...chain, resolve(path)], problems)];
}

/** A `--set` as a layer of one value. */
function optionLayer(typed: string, problems: Problems): Layer[] | undefined {
  const where: Where = { option: `--set ${typed}` };
  const [, name, text] = /^\s*([^=]+?)\s*=(.*)$/s.exec(typed) ?? [];
  const refuse = (message: string) => void problems.add(where, message);
  if (name === undefined || text === undefined)
    return refuse('must be a setting and its value: data.text=20') as undefined;
  const inEvaluation = keysAt(['evaluation']).map((key) => `evaluation.${key}`);
  if (!SETTINGS.has(name) && !inEvaluation.includes(name)) {
    return refuse(
      `unknown setting ${show(name)}: ${suggest(name, [...SETTINGS.keys(), ...inEvaluation])}`,
    ) as undefined;
  }
  let value: unknown;
  try {
    value = parseYaml(text);
  } catch {
    return refuse(`${show(text)} is no YAML value`) as undefined;
  }
  const path = SETTINGS.has(name) ? basePath(name) : name.split('.');
  const nested = path.reduceRight<unknown>((inner, key) => ({ [key]: inner }), value);
  return [{ value: nested as Layer['value'], placeOf: () => where, placeOfKey: () => where }];
}

/** Settings that a layer of an option gives, as dotted paths. */
const settingsOf = (value: Layer['value']): string[] =>
  [...SETTINGS.keys()].filter((path) => valueAt(value, basePath(path)) !== undefined);

/** Axes of the grids below that a grid says to be nothing: `picture: ~`. */
function leftOut({ axes }: Layer['value'], below: readonly Layer[]): string[] {
  const known = (axis: string) => below.some(({ value }) => (valueAt(value, ['axes', axis]) ?? null) !== null);
  return isMap(axes) ? Object.keys(axes).filter((axis) => axes[axis] === null && known(axis)) : [];
}

/** Without axes whose setting the command line fixes, or that are left out. */
function withoutAxes(value: Layer['value'], without: readonly string[]): Layer['value'] {
  if (!isMap(value.axes) || without.length === 0) return value;
  const axes = Object.entries(value.axes).filter(([path]) => !without.includes(path));
  return { ...value, axes: Object.fromEntries(axes) };
}

/** A layer over another. Keys are the grid's own: one that is called `__proto__` is a key like others. */
function laidOver(below: Layer['value'], above: Layer['value']): Layer['value'] {
  const merge = (lower: unknown, upper: unknown, depth: number): unknown => {
    if (depth === 0 || !isMap(lower) || !isMap(upper)) return upper;
    return merged(lower, upper, () => depth - 1);
  };
  const merged = (lower: Layer['value'], upper: Layer['value'], depthOf: (key: string) => number) => {
    const entries = new Map(Object.entries(lower));
    for (const [key, value] of Object.entries(upper)) {
      entries.set(key, entries.has(key) ? merge(entries.get(key), value, depthOf(key)) : value);
    }
    return Object.fromEntries(entries);
  };
  return merged(below, above, (key) => LAID_OVER[key] ?? 0);
}
