import { createHash } from 'node:crypto';
import { closeSync, openSync, readSync } from 'node:fs';
import { basename } from 'node:path';

/** Bytes of a file that are in memory at once. */
const CHUNK = 1 << 22;

/**
 * One identity of several files: the SHA-256 of their names and their own SHA-256, in the order of the names. Their folder
 * plays no part.
 * @returns 64 hexadecimal digits
 */
export function digestOfFiles(files: readonly string[]): string {
  const all = createHash('sha256');
  const named = files.map((file) => ({ file, name: basename(file) })).sort((a, b) => (a.name < b.name ? -1 : 1));
  for (const { file, name } of named) all.update(`${digestOfFile(file)} ${name}\n`);
  return all.digest('hex');
}

function digestOfFile(file: string): string {
  const hash = createHash('sha256');
  const chunk = Buffer.alloc(CHUNK);
  const descriptor = openSync(file, 'r');
  try {
    for (let count = -1; count !== 0; ) {
      count = readSync(descriptor, chunk, 0, CHUNK, null);
      hash.update(chunk.subarray(0, count));
    }
  } finally {
    closeSync(descriptor);
  }
  return hash.digest('hex');
}
