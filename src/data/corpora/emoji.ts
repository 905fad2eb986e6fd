import { type CorpusImage, captionOf, loadEmojiCorpus, splitOf, tagsOf } from '../emoji/corpus.js';
import { VENDORS } from '../emoji/vendors/index.js';
import { renderImage } from '../render.js';
import type { SourceImage } from '../sources/source.js';
import type { BuiltInCorpus, Counts } from './corpus.js';
import { walkedSource } from './walk.js';

/** A drawing as a source gives it: drawn at the side that is asked for, on white, without its margin. */
export function drawnImage(image: CorpusImage): SourceImage {
  return { id: image.id, pixels: (side) => renderImage(image, side) };
}

/** By vendor. */
const COUNTS: Readonly<Record<string, Counts>> = {
  noto: { pictures: 1645, documents: 1645, words: 13_148 },
  fluent: { pictures: 1592, documents: 1592, words: 12_583 },
  twemoji: { pictures: 1862, documents: 1862, words: 13_826 },
  emojione: { pictures: 1359, documents: 1359, words: 9565 },
  openmoji: { pictures: 1878, documents: 1878, words: 14_078 },
};

/**
 * Each vendor's emoji with their names and keywords. Held out are the concepts that are held out everywhere, and all that
 * the held-out vendor (openmoji) drew: its training side is empty.
 */
export const emojiCaptions: readonly BuiltInCorpus[] = VENDORS.map((vendor) => {
  const name = `emoji-${vendor.name}`;
  return {
    name,
    kind: 'caption',
    about: `emoji by ${vendor.name}, names and tags${vendor.heldOut ? '; held out' : ''}`,
    licence: vendor.licence,
    debian: null,
    counts: COUNTS[vendor.name]!,
    open: (side) =>
      walkedSource(name, vendor.licence, function* (count) {
        const corpus = loadEmojiCorpus();
        for (const image of corpus.images) {
          if (image.vendor !== vendor.name) continue;
          if ((splitOf(image, corpus) === 'train') !== (side === 'train')) continue;
          count.seen();
          const texts = [captionOf(image.concept), tagsOf(image.concept)].filter((text) => text !== '');
          yield { kind: 'caption', id: `emoji/${image.id}`, image: drawnImage(image), alt: texts, rewritten: [] };
        }
      }),
  };
});
