import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { Mm1Error } from '../errors.js';
import { nearest } from './nearest.js';

/** The largest grid file, in bytes. */
const LARGEST = 1024 * 1024;

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  ENOTDIR: 'a part of the path is no folder',
  EACCES: 'you may not read it',
  EPERM: 'you may not read it',
  EISDIR: 'it is a folder',
  ELOOP: 'its links run in a circle',
  ENAMETOOLONG: 'its name is too long',
};

/**
 * The text of a grid file.
 *
 * @throws Mm1Error E_FILE when it is no regular file of at most 1 MiB of UTF-8 text that may be read
 */
export function readGridText(file: string): string {
  let bytes: Buffer;
  try {
    // Asked before it is opened: opening a pipe waits for a writer, and a device may never end.
    const status = statSync(file);
    if (status.isDirectory()) throw unreadable(file, 'it is a folder');
    if (!status.isFile()) throw unreadable(file, 'it is no regular file');
    if (status.size > LARGEST) throw unreadable(file, `it has ${status.size} bytes, and a grid at most ${LARGEST}`);
    bytes = readFileSync(file);
  } catch (error) {
    if (error instanceof Mm1Error) throw error;
    const { code = 'unknown' } = error as NodeJS.ErrnoException;
    throw unreadable(file, REASONS[code] ?? `reading it failed (${code})`, code, error);
  }
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    if (!text.includes('\0')) return text;
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
  }
  throw unreadable(file, 'it is no UTF-8 text');
}

function unreadable(file: string, reason: string, code?: string, cause?: unknown): Mm1Error {
  const near = code === 'ENOENT' ? nearest(basename(file), gridsIn(dirname(file))) : undefined;
  return new Mm1Error(`the grid cannot be read: ${reason}`, {
    code: 'E_FILE',
    where: file,
    remedy:
      near === undefined
        ? 'Name a YAML file, for instance configs/smoke.yaml.'
        : `Did you mean "${join(dirname(file), near)}"?`,
    cause,
  });
}

function gridsIn(folder: string): string[] {
  try {
    return readdirSync(folder).filter((name) => /\.ya?ml$/.test(name));
  } catch {
    // The folder is not there either: nothing to suggest.
    return [];
  }
}
