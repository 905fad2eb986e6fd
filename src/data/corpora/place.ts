import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BuiltInCorpus, Counts } from './corpus.js';

/** Where a corpus that is installed by itself lies, in a runs folder. */
export function corpusFolder(runsFolder: string, name: string): string {
  return join(runsFolder, 'data', name);
}

/** What the Debian package was unpacked into. */
export function unpackedFolder(runsFolder: string, name: string): string {
  return join(corpusFolder(runsFolder, name), 'files');
}

/** File of what was counted when the corpus was installed: the last thing that is written. */
export function countsFile(folder: string): string {
  return join(folder, 'counts.json');
}

/** What a corpus holds; null where it is not installed. */
export function countsOf(corpus: BuiltInCorpus, runsFolder: string): Counts | null {
  const file = countsFile(corpusFolder(runsFolder, corpus.name));
  if (corpus.debian === null) return corpus.counts;
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Counts) : null;
}
