import { readdirSync, statSync } from 'node:fs';
import { basename, dirname, join, posix, resolve } from 'node:path';
import { expand } from 'brace-expansion';
import { Mm1Error } from '../../errors.js';
import { LeftOut } from './left-out.js';

/** Missing files that an error names. */
const NAMED = 5;

/** One file of a source. */
export interface DataFile {
  /** Absolute. */
  readonly path: string;
  /** As the grid writes it, the same on every machine: the start of its documents' ids. */
  readonly name: string;
}

/**
 * The files that a pattern names, in its order: `shards/{0000..0099}.tar`, `{a,b}.jsonl`, and `*` in a file's name
 * (sorted by character code).
 * @param pattern relative to the folder, or absolute
 * @throws Mm1Error E_DATA where one of them is missing, or none is there
 */
export function dataFiles(pattern: string, folder: string): DataFile[] {
  const names = expand(pattern).flatMap((name) => matches(name, folder));
  const files = names.map((name) => ({ name, path: resolve(folder, name) }));
  const missing = files.filter(({ path }) => !statSync(path, { throwIfNoEntry: false })?.isFile());
  if (files.length > 0 && missing.length === 0) return files;
  const list = missing.slice(0, NAMED).map(({ name }) => name);
  const rest = missing.length > NAMED ? ` and ${missing.length - NAMED} more` : '';
  throw new Mm1Error(
    files.length === 0
      ? `No file matches ${pattern}`
      : `${missing.length} of ${files.length} data files missing: ${list.join(', ')}${rest}`,
    { code: 'E_DATA', where: resolve(folder, pattern), remedy: 'Mend the pattern, or put the files there.' },
  );
}

function matches(name: string, folder: string): string[] {
  if (!basename(name).includes('*')) return [name];
  const form = new RegExp(`^${basename(name).split('*').map(escapeExpression).join('.*')}$`);
  try {
    return readdirSync(resolve(folder, dirname(name)))
      .filter((file) => form.test(file) && !file.startsWith('.'))
      .sort()
      .map((file) => join(dirname(name), file));
  } catch {
    return [];
  }
}

function escapeExpression(text: string): string {
  return text.replace(/[.+?^${}()|[\]\\]/g, '\\$&');
}

/**
 * A folder that a source takes its pictures from.
 * @throws Mm1Error E_DATA where it is not there
 */
export function dataFolder(path: string, folder: string): string {
  const full = resolve(folder, path);
  if (statSync(full, { throwIfNoEntry: false })?.isDirectory()) return full;
  throw new Mm1Error(`The folder of the pictures is missing: ${path}`, {
    code: 'E_DATA',
    where: full,
    remedy: 'Mend the path, or put the folder there.',
  });
}

/**
 * Where a file lies that the data itself names.
 * @throws LeftOut where that is outside its folder
 */
export function inside(folder: string, path: string): string {
  checkPath(path);
  return resolve(folder, path);
}

/**
 * Checks a path that the data itself gives, whatever system wrote it.
 * @throws LeftOut where it is absolute or climbs out of its folder
 */
export function checkPath(path: string): void {
  const slashed = path.replaceAll('\\', '/');
  const climbs = posix.normalize(slashed).split('/')[0] === '..';
  if (climbs || slashed.startsWith('/') || /^[a-z]:/i.test(slashed)) {
    throw new LeftOut('path outside its folder');
  }
}
