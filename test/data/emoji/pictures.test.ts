import { createHash } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { loadConcepts } from '../../../src/data/emoji/concepts.js';
import { type CorpusImage, loadEmojiCorpus, splitOf } from '../../../src/data/emoji/corpus.js';
import { BORROWED_FLAGS, REPEATED_PICTURES } from '../../../src/data/emoji/exclusions.js';
import { VENDORS } from '../../../src/data/emoji/vendors/index.js';
import { renderImage } from '../../../src/data/render.js';

/** Side at which pictures are compared. */
const SIDE = 64;

/** Every picture that the vendors have, those that the corpus leaves out included, with a digest of its pixels. */
const pictures: { vendor: string; label: string; order: number; digest: string }[] = [];
const digestOf = new Map<string, string>();

beforeAll(async () => {
  const concepts = loadConcepts().filter(({ label }) => !BORROWED_FLAGS.has(label));
  const queue = VENDORS.flatMap((vendor) => {
    const drawings = vendor.drawings(concepts);
    return concepts.flatMap((concept, order) => {
      const svg = drawings.get(concept.id);
      return svg ? [{ id: `${vendor.name}/${concept.id}`, vendor: vendor.name, label: concept.label, order, svg }] : [];
    });
  });
  const work = queue[Symbol.iterator]();
  await Promise.all(
    [1, 2, 3, 4].map(async () => {
      for (const image of work) {
        // Throws for a blank picture.
        const digest = createHash('sha256')
          .update(await renderImage(image, SIDE))
          .digest('hex');
        pictures.push({ vendor: image.vendor, label: image.label, order: image.order, digest });
        digestOf.set(image.id, digest);
      }
    }),
  );
}, 300_000);

describe('the pictures of the corpus', () => {
  it('are all drawn, and none is blank', () => {
    expect(pictures.length).toBeGreaterThan(8338);
  });

  it('are told apart: a vendor has one picture for one label', () => {
    const groups = new Map<string, typeof pictures>();
    for (const picture of pictures) {
      const key = `${picture.vendor} ${picture.digest}`;
      groups.set(key, [...(groups.get(key) ?? []), picture]);
    }
    const repeated: Record<string, string[]> = {};
    for (const group of groups.values()) {
      group.sort((a, b) => a.label.length - b.label.length || a.order - b.order);
      for (const { vendor, label } of group.slice(1)) {
        repeated[vendor] ??= [];
        repeated[vendor].push(label);
      }
    }
    const sorted = (lists: Readonly<Record<string, readonly string[]>>) =>
      Object.fromEntries(Object.entries(lists).map(([vendor, labels]) => [vendor, [...labels].sort()]));
    expect(sorted(repeated)).toEqual(sorted(REPEATED_PICTURES));
  });

  it('leak nothing: no held-out picture has the pixels of a training picture', () => {
    const corpus = loadEmojiCorpus();
    const digest = ({ id }: CorpusImage): string => {
      const found = digestOf.get(id);
      if (!found) throw new Error(`${id} was not drawn`);
      return found;
    };
    const trained = new Set(corpus.images.filter((image) => splitOf(image, corpus) === 'train').map(digest));
    const leaks = corpus.images.filter((image) => splitOf(image, corpus) !== 'train' && trained.has(digest(image)));
    expect(leaks.map(({ id }) => id)).toEqual([]);
    expect(trained.size).toBeGreaterThan(5000);
  });
});
