import { z } from 'zod';
import { isMap } from './describe.js';
import type { Path } from './document.js';
import { canonicalJson } from './hash.js';

/** One source of training data as a grid writes it, its weight told apart. */
export interface WrittenSource {
  /** The name of a built-in corpus, or a format with its options: `{webdataset: "a.tar"}`. */
  readonly entry: string | Readonly<Record<string, unknown>>;
  readonly weight: number;
  /** Where it stands in the setting's value. */
  readonly at: Path;
}

/** What a grid writes, and the recipe's setting says, where a kind has no sources. */
const NO_SOURCES = 'none';
/** Stands between sources in the setting's one text; a grid may write names so too. */
const BETWEEN = '+';

const PLAIN_NAME = /^[\w.-]+$/;
const CONTROL_CHARACTERS = /\p{Cc}/u;
const FORM = 'must be the name of a corpus, or one format with its files, for instance {webdataset: "a.tar"}';

/**
 * A source or a list of sources; parsed, it is one text that stands for them in whatever order they were written:
 * `emoji+world-captions`, with JSON for what is no mere name, `emoji+{"corpus":"flags","weight":2}`. Whether there is such a
 * corpus, or such files, is for the reader of the sources to say.
 */
export const sourceList = z.unknown().transform((value, context): string => {
  const faults = placed(value).flatMap(({ each, at }) => faultsOf(each, at));
  for (const { message, path } of faults) context.addIssue({ code: 'custom', message, path: [...path] });
  if (faults.length > 0) return z.NEVER;
  return writtenSources(value).map(textOf).sort().join(BETWEEN) || NO_SOURCES;
});

/** The sources of a value that {@link sourceList} takes, in the order in which they are written. */
export function writtenSources(value: unknown): WrittenSource[] {
  return placed(value).flatMap(({ each, at }): WrittenSource[] => {
    if (typeof each === 'string') {
      return each === NO_SOURCES ? [] : each.split(BETWEEN).map((name) => ({ entry: name.trim(), weight: 1, at }));
    }
    const { weight = 1, ...entry } = each as Readonly<Record<string, unknown>>;
    return [{ entry: typeof entry.corpus === 'string' ? entry.corpus : entry, weight: Number(weight), at }];
  });
}

function placed(value: unknown): { each: unknown; at: Path }[] {
  return Array.isArray(value) ? value.map((each, index) => ({ each, at: [index] })) : [{ each: value, at: [] }];
}

function faultsOf(value: unknown, at: Path): { message: string; path: Path }[] {
  if (!isSayable(value)) {
    return [{ message: 'must hold neither control characters nor infinite numbers', path: at }];
  }
  if (typeof value === 'string' && value.split(BETWEEN).every((name) => name.trim() !== '')) return [];
  if (!isMap(value)) return [{ message: FORM, path: at }];
  const { weight = 1, ...entry } = value;
  if (typeof weight !== 'number' || !Number.isFinite(weight) || weight < 0) {
    return [{ message: 'must be a number of at least 0', path: [...at, 'weight'] }];
  }
  if (Object.keys(entry).length !== 1) return [{ message: FORM, path: at }];
  if ('corpus' in entry && typeof entry.corpus !== 'string') {
    return [{ message: 'must be the name of a corpus', path: [...at, 'corpus'] }];
  }
  return [];
}

/** Whether JSON and a terminal's line can say it. */
export function isSayable(value: unknown): boolean {
  if (typeof value === 'string') return !CONTROL_CHARACTERS.test(value);
  if (typeof value === 'number') return Number.isFinite(value);
  if (typeof value !== 'object' || value === null) return true;
  return Object.entries(value).every(([key, inner]) => !CONTROL_CHARACTERS.test(key) && isSayable(inner));
}

function textOf({ entry, weight }: WrittenSource): string {
  if (typeof entry === 'string' && weight === 1 && PLAIN_NAME.test(entry)) return entry;
  const whole = typeof entry === 'string' ? { corpus: entry } : entry;
  return canonicalJson(weight === 1 ? whole : { ...whole, weight });
}
