import { dirname } from 'node:path';
import { Mm1Error } from '../errors.js';
import type { Written } from './axes.js';
import { valueAt } from './describe.js';
import type { Path } from './document.js';
import type { GridText } from './grid-text.js';
import type { Problems } from './problems.js';
import { DATA_KINDS, type DataKind, type DataRecipe, type DataSource, type Recipe, type Settings } from './recipe.js';
import { type WrittenSource, writtenSources } from './source-list.js';

/** A source that was looked at, and the kind of data that is taken from it. */
export interface FoundSource<Kind extends DataKind> {
  readonly kind: Kind;
  readonly source: Omit<DataSource, 'weight'>;
}

/**
 * Looks at a source without reading its documents, and says what it is.
 * @param kinds what may be taken from it: the first of them that it gives is
 * @param gridFolder folder that relative paths start at
 * @throws Mm1Error if there is no such corpus, a file is missing, or it gives no data of these kinds
 */
export type SourceReader = <Kind extends DataKind>(
  kinds: readonly Kind[],
  entry: WrittenSource['entry'],
  gridFolder: string,
) => FoundSource<Kind>;

/** The sources that a grid names, by the setting and its value. */
export type Sources = ReadonlyMap<string, readonly DataSource[]>;

/** The setting that says where data of a kind comes from. */
const settingOf = (kind: DataKind) => `data.${kind}_from` as const;

const keyOf = (path: string, value: unknown) => `${path} ${value}`;

/**
 * Reads every source that a grid names, those of kinds that are not drawn too. What is wrong with one is added to
 * `problems` at its place, and then its whole list is left out.
 */
export function findSources(
  gridFile: string,
  base: Settings,
  varied: readonly Written[],
  read: SourceReader,
  document: GridText,
  problems: Problems,
): Sources {
  const found = new Map<string, readonly DataSource[]>();
  for (const kind of DATA_KINDS) {
    const path = settingOf(kind);
    const inBase = ['base', ...path.split('.')];
    if (base[path] !== undefined) {
      const sources = readList(kind, inBase, gridFile, read, document, problems);
      if (sources) found.set(keyOf(path, base[path]), sources);
    }
    const seen = new Set<string>();
    for (const { value, at } of varied.filter((written) => written.path === path)) {
      const sources = readList(kind, at, gridFile, read, document, problems);
      if (!sources) continue;
      found.set(keyOf(path, value), sources);
      if (at[1] !== path) continue;
      // Two ways to write the same: {text: a.txt} and {text: {files: a.txt}}.
      const same = JSON.stringify(sources);
      if (seen.has(same)) problems.add(document.placeOf(at), `axis ${path} has the same sources twice`);
      seen.add(same);
    }
  }
  return found;
}

/** The sources at a place of the grid, in the order of their names; undefined where one of them is wrong. */
function readList(
  kind: DataKind,
  at: Path,
  gridFile: string,
  read: SourceReader,
  document: GridText,
  problems: Problems,
): DataSource[] | undefined {
  const sources: DataSource[] = [];
  let whole = true;
  const refuse = (written: WrittenSource, message: string) => {
    whole = false;
    problems.add(document.placeOf([...at, ...written.at]), `${settingOf(kind)}: ${message}`);
  };
  for (const written of writtenSources(valueAt(document.value, at))) {
    try {
      const source = { ...read([kind], written.entry, dirname(gridFile)).source, weight: written.weight };
      if (sources.some((other) => other.source === source.source)) {
        refuse(written, 'the same source twice: give it once, with a weight');
      } else sources.push(source);
    } catch (error) {
      if (!(error instanceof Mm1Error)) throw error;
      refuse(written, complaintOf(error));
    }
  }
  // One mixture is one recipe, however its sources are ordered.
  return whole ? sources.sort((a, b) => (a.source < b.source ? -1 : 1)) : undefined;
}

/** What is wrong with a source, in one line. */
export function complaintOf({ message, where, remedy }: Mm1Error): string {
  return `${message}${where === undefined ? '' : ` (${where})`}. ${remedy}`;
}

/** Whether a value of a setting names a source that could not be read. */
export function isUnfound(path: string, value: unknown, found: Sources): boolean {
  return DATA_KINDS.some((kind) => settingOf(kind) === path) && !found.has(keyOf(path, value));
}

/**
 * What a recipe says of where its data comes from: what settings name, or the scale's own. A kind that nothing is trained
 * on has no sources.
 * @param pretraining kinds that parts are pre-trained on: see {@link pretrainingKinds}
 */
export function resolveSources(
  data: DataRecipe,
  settings: Settings,
  pretraining: readonly DataKind[],
  defaults: Readonly<Record<DataKind, readonly DataSource[]>>,
  found: Sources,
): DataRecipe {
  const lists = DATA_KINDS.map((kind) => {
    const path = settingOf(kind);
    const used = data[kind] > 0 || pretraining.includes(kind);
    const named = settings[path] === undefined ? defaults[kind] : found.get(keyOf(path, settings[path]));
    return [`${kind}_from`, used ? named : []];
  });
  return { ...data, ...Object.fromEntries(lists) };
}

/** Kinds of data that the parts of a recipe are pre-trained on: captions for an encoder, text for a language model. */
export function pretrainingKinds({ encoder, language_model }: Pick<Recipe, 'encoder' | 'language_model'>): DataKind[] {
  return [
    ...(encoder.checkpoint ? [] : (['caption'] as const)),
    ...(language_model.checkpoint ? [] : (['text'] as const)),
  ];
}
