import { type Concept, fractionOf, HELD_OUT_SHARE, loadConcepts } from './concepts.js';
import { BORROWED_FLAGS, REPEATED_PICTURES } from './exclusions.js';
import { packageVersion } from './packages.js';
import { VENDORS } from './vendors/index.js';
import type { Drawing } from './vendors/vendor.js';

export type { Concept } from './concepts.js';

/** One vendor's drawing of one concept. */
export interface CorpusImage {
  /** Vendor and concept: `noto/1f34e`. */
  readonly id: string;
  readonly vendor: string;
  readonly concept: Concept;
  /** SVG text; read from disk when it is called. */
  readonly svg: Drawing;
}

/** Where pictures or words come from. */
export interface CorpusSource {
  /** Package's name. */
  readonly name: string;
  readonly version: string;
  /** SPDX identifier of the content's licence. */
  readonly licence: string;
  /** Pictures that the corpus takes from it: 0 for the source of the words. */
  readonly images: number;
}

/** Emoji: the same concepts, drawn by several vendors and named by CLDR. */
export interface Corpus {
  readonly concepts: readonly Concept[];
  readonly images: readonly CorpusImage[];
  readonly trainVendors: readonly string[];
  readonly heldOutVendor: string;
  readonly sources: readonly CorpusSource[];
}

/** Which of a picture's two sides, its vendor and its concept, were trained on. */
export const SPLITS = ['train', 'seen-concept', 'unseen-concept', 'unseen-both'] as const;
export type Split = (typeof SPLITS)[number];

export interface CorpusOptions {
  /**
   * At most this many concepts, held-out ones in their usual share, drawn by a hash of the label from those that every
   * vendor of their subgroup drew (country flags have three vendors, most else has five). All concepts where it is left out.
   */
  readonly concepts?: number;
}

/**
 * Joins the vendors' drawings with CLDR's words, one entry a concept. Reads names alone: a drawing's text is read
 * when its `svg` is called.
 * @throws Mm1Error E_CORPUS where a package is missing or damaged.
 */
export function loadEmojiCorpus(options: CorpusOptions = {}): Corpus {
  const all = loadConcepts().filter(({ label }) => !BORROWED_FLAGS.has(label));
  const drawn = VENDORS.map((vendor) => {
    const repeated = new Set(REPEATED_PICTURES[vendor.name]);
    return { vendor, drawings: vendor.drawings(all.filter(({ label }) => !repeated.has(label))) };
  });
  const drawings = drawn.map((entry) => entry.drawings);
  const named = all.filter(({ id }) => drawings.some((of) => of.has(id)));
  const concepts = options.concepts === undefined ? named : cap(named, drawings, options.concepts);

  const images: CorpusImage[] = [];
  for (const { vendor, drawings } of drawn) {
    for (const concept of concepts) {
      const svg = drawings.get(concept.id);
      if (svg) images.push({ id: `${vendor.name}/${concept.id}`, vendor: vendor.name, concept, svg });
    }
  }
  const heldOut = VENDORS.filter((vendor) => vendor.heldOut);
  if (heldOut.length !== 1) throw new Error(`exactly one vendor is to be held out, not ${heldOut.length}`);
  return {
    concepts,
    images,
    trainVendors: VENDORS.filter((vendor) => !vendor.heldOut).map(({ name }) => name),
    heldOutVendor: heldOut[0]!.name,
    sources: [
      ...VENDORS.map(({ name, package: source, licence }) => ({
        name: source,
        version: packageVersion(source),
        licence,
        images: images.filter(({ vendor }) => vendor === name).length,
      })),
      { name: 'emojibase-data', version: packageVersion('emojibase-data'), licence: 'MIT', images: 0 },
    ],
  };
}

/** Side of the split that a picture stands on. Only `train` is ever trained on. */
export function splitOf(image: CorpusImage, corpus: Corpus): Split {
  if (image.vendor === corpus.heldOutVendor) return image.concept.heldOut ? 'unseen-both' : 'seen-concept';
  return image.concept.heldOut ? 'unseen-concept' : 'train';
}

/** The corpus's pictures on one side of the split, vendor by vendor, in CLDR's order. */
export function imagesOf(corpus: Corpus, split: Split): CorpusImage[] {
  return corpus.images.filter((image) => splitOf(image, corpus) === split);
}

/** The pictures that may be trained on: a training vendor's, of a training concept. */
export function trainingImages(corpus: Corpus): CorpusImage[] {
  return imagesOf(corpus, 'train');
}

/** The concepts that may be trained on. */
export function trainingConcepts(corpus: Corpus): Concept[] {
  return corpus.concepts.filter(({ heldOut }) => !heldOut);
}

/** What the picture is called: "red apple". */
export function captionOf(concept: Concept): string {
  return concept.label;
}

/** Keywords in one line: "apple, fruit, red". Empty where CLDR has none. */
export function tagsOf(concept: Concept): string {
  return concept.tags.join(', ');
}

function cap(concepts: readonly Concept[], drawings: readonly Map<string, Drawing>[], most: number): Concept[] {
  if (!Number.isInteger(most) || most < 1) throw new Error(`a corpus is capped at 1 concept or more, not ${most}`);
  const vendorsOf = new Map<string, Set<number>>();
  for (const { id, subgroup } of concepts) {
    const vendors = vendorsOf.get(subgroup) ?? new Set();
    for (const [index, of] of drawings.entries()) if (of.has(id)) vendors.add(index);
    vendorsOf.set(subgroup, vendors);
  }
  const whole = concepts.filter(({ id, subgroup }) =>
    [...(vendorsOf.get(subgroup) ?? [])].every((index) => drawings[index]!.has(id)),
  );
  const draw = (heldOut: boolean, count: number) =>
    whole
      .filter((concept) => concept.heldOut === heldOut)
      .map((concept) => ({ concept, rank: fractionOf(concept.label, 'cap') }))
      .sort((a, b) => a.rank - b.rank)
      .slice(0, count)
      .map(({ concept }) => concept);
  const heldOut = Math.round(most * HELD_OUT_SHARE);
  const kept = new Set([...draw(true, heldOut), ...draw(false, most - heldOut)]);
  return concepts.filter((concept) => kept.has(concept));
}
