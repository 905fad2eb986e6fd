import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { loadEmojiCorpus } from '../../src/data/emoji/corpus.js';
import { FeatureWriter } from '../../src/data/feature-set.js';
import { openImageSet, writeImageSet } from '../../src/data/image-set.js';
import { allPatches, cutPatches } from '../../src/data/patches.js';
import { openFeatures, openPatches } from '../../src/data/pictures.js';
import { openEngine } from '../../src/engine/index.js';

const folder = () => mkdtempSync(join(tmpdir(), 'mm1-pictures-'));
beforeAll(async () => {
  await openEngine();
});

describe('pixels', () => {
  const RESOLUTION = 28;
  const PATCH = 14;
  const ids = loadEmojiCorpus({ concepts: 1 }).images.map(({ id }) => id);
  const at = folder();
  beforeAll(async () => {
    await writeImageSet(at, loadEmojiCorpus({ concepts: 1 }).images, RESOLUTION, () => {});
  });

  /** Every patch of one picture, cut by hand. */
  async function patchesOf(id: string): Promise<number[]> {
    const set = await openImageSet(at);
    const pixels = await set.decodeAll([set.indexOf(id)]);
    await set.close();
    const out = new Float32Array(RESOLUTION ** 2 * 3);
    cutPatches(pixels, 0, RESOLUTION, PATCH, allPatches(RESOLUTION, PATCH), out, 0);
    return [...out];
  }

  it('come in the order that is asked for, and nothing is zero', async () => {
    const pictures = await openPatches(at, PATCH);
    const read = await pictures.read([null, ids[2]!, null, ids[0]!]);
    expect(read.shape).toEqual([4, 4, 3 * PATCH * PATCH]);
    const rows = tf.split(read, 4).map((row) => [...row.dataSync()]);
    const nothing = new Array(RESOLUTION ** 2 * 3).fill(0);
    expect(rows).toEqual([nothing, await patchesOf(ids[2]!), nothing, await patchesOf(ids[0]!)]);
    await pictures.close();
  });

  it('of every picture of the set, and of no other', async () => {
    const pictures = await openPatches(at, PATCH);
    expect(ids.every((id) => pictures.has(id))).toBe(true);
    expect(pictures.has('another')).toBe(false);
    await pictures.close();
  });
});

it('features come in the order that is asked for, and nothing is zero', async () => {
  const at = folder();
  const writer = new FeatureWriter(at);
  writer.append(['a', 'b'], Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8));
  writer.close(2, 2);
  const pictures = openFeatures(at);
  const read = await pictures.read(['b', null, 'a']);
  expect(read.shape).toEqual([3, 2, 2]);
  expect([...read.dataSync()]).toEqual([5, 6, 7, 8, 0, 0, 0, 0, 1, 2, 3, 4]);
  expect([pictures.has('a'), pictures.has('c')]).toEqual([true, false]);
  await pictures.close();
});
