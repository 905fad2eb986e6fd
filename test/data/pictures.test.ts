import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { drawnImage } from '../../src/data/corpora/emoji.js';
import { loadEmojiCorpus } from '../../src/data/emoji/corpus.js';
import { FeatureWriter } from '../../src/data/feature-set.js';
import { openImageSet, writeImageSet } from '../../src/data/image-set.js';
import { allPatches, cutPatches } from '../../src/data/patches.js';
import { openFeatures, openPatches, openPictures, type Pictures } from '../../src/data/pictures.js';

const folder = () => mkdtempSync(join(tmpdir(), 'mm1-pictures-'));

/** What is read of some pictures, a row each. */
async function rows(pictures: Pictures, ids: readonly (string | null)[]): Promise<number[][]> {
  const read = await pictures.read(ids);
  const size = pictures.shape[0] * pictures.shape[1];
  expect(read.length).toBe(ids.length * size);
  return ids.map((_, row) => [...read.subarray(row * size, (row + 1) * size)]);
}

describe('pixels', () => {
  const RESOLUTION = 28;
  const PATCH = 14;
  const images = loadEmojiCorpus({ concepts: 1 }).images.map(drawnImage);
  const ids = images.map(({ id }) => id);
  const [first, second] = [folder(), folder()];
  beforeAll(async () => {
    // The third picture stands in both sets, and shows something else in the second.
    await writeImageSet(first, images.slice(0, 3), RESOLUTION);
    await writeImageSet(second, [{ ...images[0]!, id: ids[2]! }, ...images.slice(3)], RESOLUTION);
  });

  /** Every patch of one picture, cut by hand. */
  async function patchesOf(at: string, id: string): Promise<number[]> {
    const set = await openImageSet(at);
    const pixels = await set.decodeAll([set.indexOf(id)]);
    await set.close();
    const out = new Float32Array(RESOLUTION ** 2 * 3);
    cutPatches(pixels, 0, RESOLUTION, PATCH, allPatches(RESOLUTION, PATCH), out, 0);
    return [...out];
  }

  it('come in the order that is asked for, and nothing is zero', async () => {
    const pictures = await openPatches([first], RESOLUTION, PATCH);
    expect(pictures.shape).toEqual([4, 3 * PATCH * PATCH]);
    const nothing = new Array(RESOLUTION ** 2 * 3).fill(0);
    expect(await rows(pictures, [null, ids[2]!, null, ids[0]!])).toEqual([
      nothing,
      await patchesOf(first, ids[2]!),
      nothing,
      await patchesOf(first, ids[0]!),
    ]);
    await pictures.close();
  });

  it('of several sets, a picture that stands in more than one from the first', async () => {
    const pictures = await openPatches([first, second], RESOLUTION, PATCH);
    expect(pictures.ids).toEqual(ids);
    expect(await rows(pictures, [ids[3]!, ids[2]!])).toEqual([
      await patchesOf(second, ids[3]!),
      await patchesOf(first, ids[2]!),
    ]);
    expect(await patchesOf(second, ids[2]!)).not.toEqual(await patchesOf(first, ids[2]!));
    await pictures.close();
  });

  it('of another picture there are none', async () => {
    const pictures = await openPatches([first], RESOLUTION, PATCH);
    await expect(pictures.read([ids[3]!])).rejects.toThrow(`no picture ${ids[3]}`);
    await pictures.close();
  });

  it('where there is no set at all, nothing is still zero: text alone has pictures of its shape', async () => {
    const pictures = await openPatches([], RESOLUTION, PATCH);
    expect(await rows(pictures, [null])).toEqual([new Array(RESOLUTION ** 2 * 3).fill(0)]);
    expect(pictures.ids).toEqual([]);
    await pictures.close();
  });
});

describe('features', () => {
  /** A set of pictures of two patches, two wide. */
  function written(ids: readonly string[], values: readonly number[]): string {
    const at = folder();
    const writer = new FeatureWriter(at);
    writer.append(ids, Float32Array.from(values));
    writer.close(2, 2);
    return at;
  }
  const first = written(['a', 'b'], [1, 2, 3, 4, 5, 6, 7, 8]);
  const second = written(['b', 'c'], [9, 9, 9, 9, -1, 0.5, 0, -0.25]);

  it('come in the order that is asked for, and nothing is zero', async () => {
    const pictures = await openFeatures([first], [2, 2]);
    expect(pictures.shape).toEqual([2, 2]);
    expect([...(await pictures.read(['b', null, 'a']))]).toEqual([5, 6, 7, 8, 0, 0, 0, 0, 1, 2, 3, 4]);
    await pictures.close();
  });

  it('of several sets, a picture that stands in more than one from the first', async () => {
    const pictures = await openFeatures([first, second], [2, 2]);
    expect(pictures.ids).toEqual(['a', 'b', 'c']);
    expect(await rows(pictures, ['c', 'b'])).toEqual([
      [-1, 0.5, 0, -0.25],
      [5, 6, 7, 8],
    ]);
    await pictures.close();
  });

  it('of another picture there are none', async () => {
    const pictures = await openFeatures([first], [2, 2]);
    await expect(pictures.read(['c'])).rejects.toThrow('no picture c');
    await pictures.close();
  });

  it('where there is no set at all, nothing is still zero', async () => {
    const pictures = await openFeatures([], [2, 2]);
    expect([...(await pictures.read([null, null]))]).toEqual(new Array(8).fill(0));
    await pictures.close();
  });

  it('are opened where features are named, and pixels where they are not', async () => {
    const pictures = await openPictures({ folders: [first], features: [2, 2] });
    expect(await rows(pictures, ['b'])).toEqual([[5, 6, 7, 8]]);
    await pictures.close();
    await expect(openPictures({ folders: [first], resolution: 28, patch: 14 })).rejects.toMatchObject({
      code: 'E_IMAGE',
    });
  });
});
