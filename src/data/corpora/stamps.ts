import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadPicture } from '../picture.js';
import type { BuiltInCorpus } from './corpus.js';
import { filesUnder } from './files.js';
import { sideOf } from './side.js';
import { walkedSource } from './walk.js';

/** Tux Paint's stamps, photos and drawings, each with a sentence in English: a text beside the picture, first line. */
export const stamps: BuiltInCorpus = {
  name: 'stamps',
  kind: 'caption',
  about: 'photos and drawings of Tux Paint',
  licence: 'GPL-2.0',
  debian: { name: 'tuxpaint-stamps-default', megabytes: 161 },
  counts: null,
  open: (side, folder) =>
    walkedSource('stamps', stamps.licence, function* (count) {
      for (const file of filesUnder(folder, '.txt')) {
        const stem = join(folder, file.replace(/\.txt$/, ''));
        const caption = readFileSync(join(folder, file), 'utf8').split('\n', 1)[0]!.trim();
        if (sideOf(caption) !== side) continue;
        count.seen();
        const picture = [`${stem}.png`, `${stem}.svg`].find((path) => existsSync(path));
        if (picture === undefined || caption === '') {
          count.skip(picture === undefined ? 'no picture' : 'empty caption');
          continue;
        }
        const id = `stamps/${file.replace(/^.*\/stamps\//, '').replace(/\.txt$/, '')}`;
        const image = { id, pixels: (pixels: number) => loadPicture(picture, pixels) };
        yield { kind: 'caption', id, image, alt: [caption], rewritten: [] };
      }
    }),
};
