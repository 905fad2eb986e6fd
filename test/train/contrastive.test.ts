import { createHash } from 'node:crypto';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CaptionCorpus, openCaptionCorpus } from '../../src/data/caption-corpus.js';
import { CLIP_MEAN, CLIP_STD } from '../../src/data/normalise.js';
import { cutPatches } from '../../src/data/patches.js';
import type { NamedPicture } from '../../src/data/regions.js';
import { loadTokenizer } from '../../src/data/tokenizer/index.js';
import { openEngine } from '../../src/engine/index.js';
import {
  type ContrastiveBatch,
  contrastiveBatch,
  type RegionSettings,
  regionBatch,
} from '../../src/train/contrastive.js';
import { captionFolder } from '../data/caption-folder.js';

const tokenizer = loadTokenizer();
beforeAll(async () => {
  await openEngine();
});

describe('contrastiveBatch', () => {
  const SIDE = 28;
  const SETTINGS = { batch: 5, patch: 7, keepPatches: 6, seed: 3, tokens: 16, rewritten: 0.3, mismatched: 0.2 };
  /** 12 first texts of two documents each; the pictures are of one grey each. */
  const documents = Array.from({ length: 24 }, (_, i) => ({ alt: [`name ${i % 12}`], rewritten: [`long ${i % 12}`] }));
  let corpus: CaptionCorpus;
  beforeAll(async () => {
    corpus = await openCaptionCorpus(await captionFolder(documents, SIDE, (picture, y, x) => [10 * picture, y, x]));
  });
  afterAll(() => corpus.close());

  const draw = (step: number, given: Partial<typeof SETTINGS> = {}) =>
    contrastiveBatch(corpus, { ...SETTINGS, ...given }, tokenizer, step);
  const hashed = async (...drawn: Parameters<typeof draw>) => {
    const { batch, texts } = await draw(...drawn);
    const hash = createHash('sha256').update(JSON.stringify(texts));
    for (const tensor of Object.values(batch)) hash.update(Buffer.from(tensor.dataSync().slice().buffer));
    return hash.digest('hex');
  };
  const textsOf = ({ ids, ends }: ContrastiveBatch) =>
    ids.arraySync().map((row, i) => tokenizer.decode(row.slice(0, ends.dataSync()[i])).trim());

  it('is a pure function of corpus, settings and step', async () => {
    const first = await hashed(2);
    // Others that are drawn at the same time have no part in it.
    expect((await Promise.all([hashed(1), hashed(2), hashed(3)]))[1]).toBe(first);
    expect(await hashed(1)).not.toBe(first);
    expect(await hashed(2, { seed: 4 })).not.toBe(first);
  });

  it('has no more rows than there are first texts, and no more patches than there are', async () => {
    const plain = { rewritten: 0, mismatched: 0 };
    const { batch } = await draw(0, { ...plain, batch: 99, keepPatches: 99 });
    expect(batch.patches.shape).toEqual([12, 16, 147]);
    expect(batch.ids.shape).toEqual([12, 16]);
    expect(new Set(textsOf(batch)).size).toBe(12);
  });

  it('never has two documents of one first text', async () => {
    for (let step = 0; step < 60; step++) {
      const { batch } = await draw(step, { batch: 12, rewritten: 0, mismatched: 0 });
      expect(new Set(textsOf(batch)).size).toBe(12);
    }
  });

  it('draws documents uniformly', async () => {
    // Documents 0 to 3 have one first text, 4 and 5 another: four rows in six of one are of the first.
    const uneven = await openCaptionCorpus(
      await captionFolder(
        [...Array(4).fill('many'), ...Array(2).fill('few')].map((text) => ({ alt: [text], rewritten: [] })),
        SIDE,
        () => [0, 0, 0],
      ),
    );
    let many = 0;
    for (let step = 0; step < 1500; step++) {
      const { batch } = await contrastiveBatch(uneven, { ...SETTINGS, batch: 1, mismatched: 0 }, tokenizer, step);
      if (textsOf(batch)[0] === 'many') many++;
    }
    expect(Math.abs(many / 1500 - 2 / 3)).toBeLessThan(0.05);
    await uneven.close();
  });

  it('has each picture beside its own text, looked at in a way of its own', async () => {
    const black = await openCaptionCorpus(
      await captionFolder(documents, SIDE, (picture) => (picture % 12 === 7 ? [0, 0, 0] : [250, 250, 250])),
    );
    const reds = new Set<number>();
    for (let step = 0; step < 20; step++) {
      const settings = { ...SETTINGS, batch: 12, keepPatches: 99, rewritten: 0, mismatched: 0 };
      const { batch } = await contrastiveBatch(black, settings, tokenizer, step);
      const patches = batch.patches.arraySync();
      textsOf(batch).forEach((text, row) => {
        const red = 255 * (patches[row]![5]![48]! * CLIP_STD[0] + CLIP_MEAN[0]); // in the middle of the picture
        // White dims to 70% at most.
        if (text === 'name 7') expect(red).toBeCloseTo(0, 3);
        else expect(red).toBeGreaterThan(170);
        reds.add(red);
      });
    }
    expect(reds.size).toBeGreaterThan(80);
    await black.close();
  });

  it('says where its texts come from, which over many draws is as the set has it', async () => {
    const total = { alt: 0, rewritten: 0, mismatched: 0 };
    for (let step = 0; step < 2000; step++) {
      const { batch, texts } = await draw(step, { batch: 12, keepPatches: 1 });
      expect(texts.alt + texts.rewritten + texts.mismatched).toBe(12);
      expect(textsOf(batch).filter((text) => text.startsWith('long'))).toHaveLength(texts.rewritten);
      for (const origin of ['alt', 'rewritten', 'mismatched'] as const) total[origin] += texts[origin];
      tf.dispose(batch);
    }
    expect(Math.abs(total.rewritten / 24_000 - 0.3)).toBeLessThan(0.01);
    expect(Math.abs(total.mismatched / (total.alt + total.mismatched) - 0.2)).toBeLessThan(0.01);
  });
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

describe('regionBatch', () => {
  it('has the same shapes whatever the pictures hold', () => {
    const batches = [pictures, [...pictures].reverse(), pictures.map(() => picture(9))];
    for (const batch of batches.map((some) => regionBatch(some, settings, tokenizer, 0))) {
      const shapes = Object.fromEntries(Object.entries(batch).map(([name, { shape }]) => [name, shape]));
      expect(shapes).toEqual({
        patches: [4, 16, 300],
        kept: [16],
        cover: [4, 3, 16],
        filled: [12],
        names: [12],
        ids: [5, 8],
        ends: [5],
      });
    }
  });

  it('cuts the pictures as they are', () => {
    const { patches, kept } = regionBatch(pictures, { ...settings, keepPatches: 7 }, tokenizer, 0);
    const places = Int32Array.from(kept.dataSync());
    expect(new Set(places).size).toBe(7);
    expect([...places]).toEqual([...places].sort((a, b) => a - b));
    pictures.forEach(({ pixels }, row) => {
      const expected = new Float32Array(7 * 300);
      cutPatches(pixels, 0, RESOLUTION, 10, places, expected, 0);
      expect(tf.slice(patches, [row, 0, 0], [1, 7, 300]).dataSync()).toEqual(expected);
    });
  });

  it('lists each phrase once, and says which names which region', () => {
    const { filled, names, ids, ends } = regionBatch(pictures, settings, tokenizer, 0);
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
    const cover = regionBatch(pictures, settings, tokenizer, 0).cover.arraySync();
    expect(cover[0]![0]).toEqual([1, ...Array(15).fill(0)]);
    const half = [0, 0, 0.125, 0.125, 0, 0, 0.25, 0.25, 0, 0, 0.125, 0.125, 0, 0, 0, 0];
    expect(cover[0]![1]).toEqual(half);
    expect(cover[2]![0]).toEqual(Array(16).fill(1 / 16));
    expect(cover[3]![0]).toEqual(Array(16).fill(1 / 16));
  });

  it('leaves out a region none of whose patches is kept, and a phrase that names no other', () => {
    let missed = 0;
    for (let step = 0; step < 20; step++) {
      const batch = regionBatch(pictures, { ...settings, keepPatches: 3 }, tokenizer, step);
      const { kept, filled, ends, cover, ids } = batch;
      const places = new Set(kept.dataSync());
      const seen = [places.has(0), [2, 3, 6, 7, 10, 11].some((i) => places.has(i))];
      const count = [...filled.dataSync()].slice(0, 3).filter((x) => x === 1).length;
      expect(count).toBe(Number(seen[0]) + Number(seen[1]));
      if (![0, 10, 11, 14, 15].some((i) => places.has(i))) {
        missed++;
        const texts = ids.arraySync().map((row, i) => tokenizer.decode(row.slice(0, ends.dataSync()[i])));
        expect(texts).not.toContain(' red apple');
      }
      for (const row of cover.arraySync().flat()) expect(row.reduce((a, b) => a + b)).toBeCloseTo(1, 6);
    }
    expect(missed).toBeGreaterThan(0);
  });

  it('leaves out a region whose phrase finds no room, and none whose phrase is there', () => {
    const { filled, names, ids } = regionBatch(pictures, { ...settings, phrases: 2 }, tokenizer, 0);
    expect(ids.shape).toEqual([2, 8]);
    expect([...filled.dataSync()]).toEqual([1, 1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 0]);
    expect([...names.dataSync()].slice(6, 8)).toEqual([1, 0]);
  });

  it('cuts a long phrase to the text tower', () => {
    const { ids, ends } = regionBatch([picture(1, [0, 0, 40, 'one two three four five six'])], settings, tokenizer, 0);
    expect(ends.dataSync()[0]).toBeLessThanOrEqual(7);
    expect(ids.arraySync()[0]![ends.dataSync()[0]!]).toBe(tokenizer.endOfText);
  });

  it('keeps other patches in another step, and the same ones in the same', () => {
    const kept = (step: number, seed = 1) => [
      ...regionBatch(pictures, { ...settings, keepPatches: 5, seed }, tokenizer, step).kept.dataSync(),
    ];
    expect(kept(0)).toEqual([4, 8, 10, 13, 14]); // as when results were first published
    expect(kept(1)).not.toEqual(kept(0));
    expect(kept(0, 2)).not.toEqual(kept(0));
  });

  it('refuses a picture of another size', () => {
    expect(() => regionBatch(pictures, { ...settings, resolution: 50 }, tokenizer, 0)).toThrow('not 50 px');
  });
});
