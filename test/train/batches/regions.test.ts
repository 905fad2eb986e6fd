import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { openCaptionCorpus } from '../../../src/data/caption-corpus.js';
import { countTexts } from '../../../src/data/caption-texts.js';
import { namedPictures } from '../../../src/data/named-pictures.js';
import { cutPatches } from '../../../src/data/patches.js';
import type { NamedPicture } from '../../../src/data/regions.js';
import { loadTokenizer } from '../../../src/data/tokenizer/index.js';
import { openEngine } from '../../../src/engine/index.js';
import { tensorsOf } from '../../../src/train/batches/arrays.js';
import { openRegions, type RegionSettings, regionBatch } from '../../../src/train/batches/regions.js';
import { addTexts } from '../../../src/train/batches/text-counts.js';
import { captionFolder } from '../../data/caption-folder.js';

const tokenizer = loadTokenizer();
beforeAll(async () => {
  await openEngine();
});

const RESOLUTION = 40;
const settings: RegionSettings = {
  resolution: RESOLUTION,
  patch: 10,
  keepPatches: 16,
  regions: 3,
  phrases: 5,
  seed: 1,
  tokens: 8,
};

/** A picture of noise with named parts, [top, left, side, phrase] each. */
function picture(seed: number, ...regions: [number, number, number, string][]): NamedPicture {
  return {
    pixels: Uint8Array.from({ length: RESOLUTION * RESOLUTION * 3 }, (_, i) => (i * (seed + 11)) % 256),
    regions: regions.map(([top, left, side, phrase]) => ({ box: { top, left, height: side, width: side }, phrase })),
  };
}

const pictures = [
  picture(1, [0, 0, 10, 'red apple'], [5, 20, 20, 'green pear']),
  picture(2, [20, 20, 20, 'red apple']),
  picture(3, [0, 0, 40, 'blue plum'], [30, 0, 10, 'green pear'], [30, 30, 10, 'red apple'], [0, 0, 10, 'a fourth']),
  picture(4),
];

/** One step's batch as tensors. */
const draw = (...given: Parameters<typeof regionBatch>) => tensorsOf(regionBatch(...given));

describe('regionBatch', () => {
  it('has the same shapes whatever the pictures hold', () => {
    const batches = [pictures, [...pictures].reverse(), pictures.map(() => picture(9))];
    for (const batch of batches.map((some) => draw(some, settings, tokenizer, 0))) {
      const shapes = Object.fromEntries(Object.entries(batch).map(([name, { shape }]) => [name, shape]));
      expect(shapes).toEqual({
        patches: [4, 16, 300],
        kept: [4, 16],
        cover: [4, 3, 16],
        filled: [12],
        names: [12],
        ids: [5, 8],
        ends: [5],
      });
    }
  });

  it('cuts a square window of each picture as it is, around a part of it', () => {
    const tops = new Set<number>();
    for (let step = 0; step < 10; step++) {
      const { patches, kept } = draw(pictures, { ...settings, keepPatches: 8 }, tokenizer, step);
      expect(kept.shape).toEqual([4, 4]); // 2 x 2: a window of 3 x 3 is too large
      kept.arraySync().forEach((places, row) => {
        const [first] = places as [number];
        tops.add(first);
        expect(places).toEqual([first, first + 1, first + 4, first + 5]);
        expect(first % 4).toBeLessThan(3);
        const expected = new Float32Array(4 * 300);
        cutPatches(pictures[row]!.pixels, 0, RESOLUTION, 10, Int32Array.from(places), expected, 0);
        expect(tf.slice(patches, [row, 0, 0], [1, 4, 300]).dataSync()).toEqual(expected);
      });
      const [corner, middle] = kept.arraySync() as [number[], number[]];
      expect(corner).toContain(0); // the patch under the middle of the first part
      expect(middle).toContain(15);
    }
    expect(tops.size).toBeGreaterThan(3);
  });

  it('lists each phrase once, and says which names which region', () => {
    const { filled, names, ids, ends } = draw(pictures, settings, tokenizer, 0);
    expect([...filled.dataSync()]).toEqual([1, 1, 0, 1, 0, 0, 1, 1, 1, 0, 0, 0]);
    expect([...names.dataSync()]).toEqual([0, 1, 0, 0, 0, 0, 2, 1, 0, 0, 0, 0]);
    const texts = ids.arraySync().map((row, i) => tokenizer.decode(row.slice(0, ends.dataSync()[i])));
    expect(texts).toEqual([' red apple', ' green pear', ' blue plum', '', '']);
    ids
      .arraySync()
      .slice(0, 3)
      .forEach((row, i) => {
        expect(row[ends.dataSync()[i]!]).toBe(tokenizer.endOfText);
        expect(row.slice(ends.dataSync()[i]! + 1).every((id) => id === tokenizer.pad)).toBe(true);
      });
  });

  it('says how each region spreads over the patches, and spreads an empty slot over all', () => {
    const cover = draw(pictures, settings, tokenizer, 0).cover.arraySync();
    expect(cover[0]![0]).toEqual([1, ...Array(15).fill(0)]);
    const half = [0, 0, 0.125, 0.125, 0, 0, 0.25, 0.25, 0, 0, 0.125, 0.125, 0, 0, 0, 0];
    expect(cover[0]![1]).toEqual(half);
    expect(cover[2]![0]).toEqual(Array(16).fill(1 / 16));
    expect(cover[3]![0]).toEqual(Array(16).fill(1 / 16));
  });

  it('leaves out a region of which the window shows too little, and a phrase that names no other', () => {
    const two = [picture(1, [10, 10, 10, 'red apple'], [5, 20, 20, 'green pear'])];
    let [missed, shown] = [0, 0];
    for (let step = 0; step < 20; step++) {
      const { kept, filled, ends, cover, ids } = draw(two, { ...settings, keepPatches: 9 }, tokenizer, step);
      const places = new Set(kept.dataSync());
      // The second covers half of patches 2 and 3, all of 6 and 7, half of 10 and 11: 400 square pixels.
      const area =
        [2, 3, 10, 11].filter((i) => places.has(i)).length * 50 + [6, 7].filter((i) => places.has(i)).length * 100;
      const seen = area >= 200;
      if (seen) shown++;
      else missed++;
      expect([...filled.dataSync()]).toEqual([1, Number(seen), 0]);
      const texts = ids.arraySync().map((row, i) => tokenizer.decode(row.slice(0, ends.dataSync()[i])));
      expect(texts.includes(' green pear')).toBe(seen);
      for (const row of cover.arraySync().flat()) expect(row.reduce((a, b) => a + b)).toBeCloseTo(1, 6);
    }
    expect(missed).toBeGreaterThan(0);
    expect(shown).toBeGreaterThan(0);
  });

  it('leaves out a region whose phrase finds no room, and none whose phrase is there', () => {
    const { filled, names, ids } = draw(pictures, { ...settings, phrases: 2 }, tokenizer, 0);
    expect(ids.shape).toEqual([2, 8]);
    expect([...filled.dataSync()]).toEqual([1, 1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 0]);
    expect([...names.dataSync()].slice(6, 8)).toEqual([1, 0]);
  });

  it('cuts a long phrase to the text tower', () => {
    const { ids, ends } = draw([picture(1, [0, 0, 40, 'one two three four five six'])], settings, tokenizer, 0);
    expect(ends.dataSync()[0]).toBeLessThanOrEqual(7);
    expect(ids.arraySync()[0]![ends.dataSync()[0]!]).toBe(tokenizer.endOfText);
  });

  it('looks elsewhere in another step, and at the same place in the same', () => {
    const kept = (step: number, seed = 1) => [
      ...draw(pictures, { ...settings, keepPatches: 4, seed }, tokenizer, step).kept.dataSync(),
    ];
    expect(kept(0)).toEqual(kept(0));
    expect(kept(0)).toMatchInlineSnapshot(`
      [
        0,
        1,
        4,
        5,
        10,
        11,
        14,
        15,
        10,
        11,
        14,
        15,
        10,
        11,
        14,
        15,
      ]
    `); // as when results were first published
    expect(kept(1)).not.toEqual(kept(0));
    expect(kept(0, 2)).not.toEqual(kept(0));
  });

  it('refuses a picture of another size', () => {
    expect(() => draw(pictures, { ...settings, resolution: 50 }, tokenizer, 0)).toThrow('not 50 px');
  });
});

describe('a source of regions', () => {
  const given = { batch: 3, patch: 7, keepPatches: 6, seed: 3, tokens: 16, rewritten: 0.5, mismatched: 0 };
  const whole = Array.from({ length: 6 }, (_, i) => ({ alt: [`name ${i % 2}`], rewritten: [`long ${i % 2}`] }));
  const parts = [{ box: [0, 0, 1, 1] as const, phrase: 'all of it' }];

  it.each([
    ['drawings alone: as many phrases as first texts', whole, 2, 'name 0'],
    [
      'documents with parts: phrases of their own',
      [...whole, { alt: ['scene'], rewritten: [], parts }],
      Infinity,
      'all of it',
    ],
    [
      'parts alone: whole texts have no part in it',
      [{ alt: ['a long text'], rewritten: [], parts }],
      Infinity,
      'all of it',
    ],
  ])('has the named pictures of each step, and counts their texts, of %s', async (_, documents, most, longest) => {
    const folder = await captionFolder(documents, 28, (picture, y, x) => [20 * picture, y, x]);
    const corpus = await openCaptionCorpus(folder);
    const source = await openRegions({ ...given, corpus: folder });
    expect(source.facts).toEqual({ pictures: documents.length, 'first texts': corpus.distinct });
    source.restore({ alt: 100, rewritten: 10, mismatched: 1 });
    let counts = { alt: 100, rewritten: 10, mismatched: 1 };
    // Whole pictures of 16 patches, and windows of 4: a quarter as many pictures, with four times the regions each.
    for (const [step, number, regions, keepPatches] of [
      [4, 1, 32, 16],
      [5, 3, 8, 4],
    ] as const) {
      const { pictures, texts } = await namedPictures(corpus, { ...given, pictures: number, drawings: 4 }, step);
      counts = addTexts(counts, countTexts(texts));
      const phrases = Math.min(most, number * regions);
      const tokens = tokenizer.encode(` ${longest}`).length + 1; // no more room than texts need
      const settings = { ...given, keepPatches, resolution: 28, regions, phrases, tokens };
      const arrays = regionBatch(pictures, settings, tokenizer, step);
      expect(await source.make(step, 0)).toEqual({ arrays, data: counts });
    }
    await Promise.all([source.close(), corpus.close()]);
  });
});
