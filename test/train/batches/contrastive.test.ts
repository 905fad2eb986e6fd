import { createHash } from 'node:crypto';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CaptionCorpus, openCaptionCorpus } from '../../../src/data/caption-corpus.js';
import { CLIP_MEAN, CLIP_STD } from '../../../src/data/normalise.js';
import { loadTokenizer } from '../../../src/data/tokenizer/index.js';
import { openEngine } from '../../../src/engine/index.js';
import { tensorsOf } from '../../../src/train/batches/arrays.js';
import { type ContrastiveBatch, contrastiveBatch, openContrastive } from '../../../src/train/batches/contrastive.js';
import { addTexts } from '../../../src/train/batches/text-counts.js';
import { captionFolder } from '../../data/caption-folder.js';

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
    drawFrom(corpus, { ...SETTINGS, ...given }, step);
  async function drawFrom(from: CaptionCorpus, settings: typeof SETTINGS, step: number) {
    const { arrays, texts } = await contrastiveBatch(from, settings, tokenizer, step);
    return { batch: tensorsOf(arrays), texts };
  }
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
      const { batch } = await drawFrom(uneven, { ...SETTINGS, batch: 1, mismatched: 0 }, step);
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
      const { batch } = await drawFrom(black, settings, step);
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

  it('a source of them counts what it drew, and goes on from what it had counted', async () => {
    const folder = await captionFolder(documents, SIDE, (picture, y, x) => [10 * picture, y, x]);
    const source = await openContrastive({ ...SETTINGS, corpus: folder });
    expect(source.facts).toEqual({ pictures: 24, 'first texts': 12 });
    const settings = { ...SETTINGS, tokens: tokenizer.encode(' name 0').length + 1 }; // no more room than texts need
    const expected = await Promise.all([0, 1, 2].map((step) => contrastiveBatch(corpus, settings, tokenizer, step)));
    const made = [await source.make(0, 0), await source.make(1, 0)];
    expect(made.map(({ arrays }) => arrays)).toEqual(expected.slice(0, 2).map(({ arrays }) => arrays));
    const [one, two, three] = expected.map(({ texts }) => texts);
    expect(made.map(({ data }) => data)).toEqual([one, addTexts(one!, two!)]);
    const later = await openContrastive({ ...SETTINGS, corpus: folder });
    later.restore(JSON.parse(JSON.stringify(made[1]!.data)));
    expect(await later.make(2, 0)).toEqual({
      arrays: expected[2]!.arrays,
      data: addTexts(addTexts(one!, two!), three!),
    });
    await Promise.all([source.close(), later.close()]);
  });
});
