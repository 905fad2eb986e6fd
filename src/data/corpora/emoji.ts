import { loadConcepts } from '../emoji/concepts.js';
import {
  type Corpus,
  type CorpusImage,
  type CorpusOptions,
  captionOf,
  loadEmojiCorpus,
  splitOf,
  tagsOf,
} from '../emoji/corpus.js';
import { BORROWED_FLAGS, REPEATED_PICTURES } from '../emoji/exclusions.js';
import { VENDORS } from '../emoji/vendors/index.js';
import type { Vendor } from '../emoji/vendors/vendor.js';
import { captionsOf, rewrittenCaption } from '../examples.js';
import { renderImage } from '../render.js';
import type { SourceImage } from '../sources/source.js';
import type { BuiltInCorpus, Counts, Side } from './corpus.js';
import { type Count, walkedSource } from './walk.js';

/** Licence of a corpus that shows drawings of several vendors: each has its own, beside its name in the table. */
export const DRAWINGS_LICENCE = "the drawings'";

/** A drawing as a source gives it: drawn at the side that is asked for, on white, without its margin. */
export function drawnImage(image: CorpusImage): SourceImage {
  return { id: image.id, pixels: (side) => renderImage(image, side) };
}

/** The drawings of a side, vendor by vendor: a held-out one is of a held-out concept or by the held-out vendor. */
export function drawingsOf(corpus: Corpus, side: Side): CorpusImage[] {
  return corpus.images.filter((image) => (splitOf(image, corpus) === 'train') === (side === 'train'));
}

/** All vendors' emoji, each drawing with captions of its concept: its name, its keywords, and all that is known of it. */
export const emoji: BuiltInCorpus = {
  name: 'emoji',
  kind: 'caption',
  about: 'emoji by all vendors, captions with a prompt and rewritten',
  licence: DRAWINGS_LICENCE,
  debian: null,
  counts: { pictures: 8336, documents: 8336, words: 266_667 },
  open: (side, _, options) =>
    captions(emoji, side, options, null, ({ concept }) => ({
      alt: captionsOf(concept),
      rewritten: [rewrittenCaption(concept)],
    })),
};

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
  const corpus: BuiltInCorpus = {
    name: `emoji-${vendor.name}`,
    kind: 'caption',
    about: `emoji by ${vendor.name}, names and tags${vendor.heldOut ? '; held out' : ''}`,
    licence: vendor.licence,
    debian: null,
    counts: COUNTS[vendor.name]!,
    open: (side, _, options) =>
      captions(corpus, side, options, vendor.name, ({ concept }) => ({
        alt: [captionOf(concept), tagsOf(concept)].filter((text) => text !== ''),
        rewritten: [],
      })),
  };
  return corpus;
});

/** @param vendor whose drawings stand in the corpus; null for everybody's */
function captions(
  { name, licence }: BuiltInCorpus,
  side: Side,
  options: CorpusOptions | undefined,
  vendor: string | null,
  write: (image: CorpusImage) => { readonly alt: readonly string[]; readonly rewritten: readonly string[] },
) {
  return walkedSource(name, licence, function* (count) {
    for (const each of VENDORS) if (vendor === null || vendor === each.name) countLeftOut(each, side, count);
    for (const image of drawingsOf(loadEmojiCorpus(options), side)) {
      if (vendor !== null && image.vendor !== vendor) continue;
      count.seen();
      yield { kind: 'caption', id: `emoji/${image.id}`, image: drawnImage(image), ...write(image) };
    }
  });
}

/** Tells of a vendor's drawings that the corpus leaves out, whatever its concepts are capped to. */
function countLeftOut(vendor: Vendor, side: Side, count: Count): void {
  const concepts = loadConcepts();
  const drawn = vendor.drawings(concepts);
  const repeated = new Set(REPEATED_PICTURES[vendor.name]);
  for (const { id, label, heldOut } of concepts) {
    const borrowed = BORROWED_FLAGS.has(label);
    if (!drawn.has(id) || !(borrowed || repeated.has(label))) continue;
    if ((heldOut || vendor.heldOut) === (side === 'train')) continue;
    count.seen();
    count.skip(borrowed ? "another state's flag" : 'the same drawing as another');
  }
}
