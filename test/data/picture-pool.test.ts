import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ImageSet, openImageSet } from '../../src/data/image-set.js';
import { PicturePool } from '../../src/data/picture-pool.js';
import { captionFolder } from './caption-folder.js';

const SIDE = 8;
const BYTES = SIDE * SIDE * 3;
let set: ImageSet;
beforeAll(async () => {
  const documents = Array.from({ length: 10 }, () => ({ alt: ['a'], rewritten: [] }));
  set = await openImageSet(await captionFolder(documents, SIDE, (picture, y, x) => [picture, y, x]));
});
afterAll(() => set.close());

/** A pool, and the numbers that it decoded, in order. */
function pool(budget?: number) {
  const decoded: number[] = [];
  const counting: ImageSet = {
    ...set,
    pixels: (number) => {
      decoded.push(number);
      return set.pixels(number);
    },
  };
  return { pool: new PicturePool(counting, budget), decoded };
}

const expected = (number: number) => set.pixels(number);

describe('a pool', () => {
  it('gives pictures in the order asked for, and decodes each once', async () => {
    const { pool: all, decoded } = pool();
    expect([all.count, all.resolution]).toEqual([10, SIDE]);
    const pictures = await all.get([3, 0, 3]);
    expect(pictures).toEqual([await expected(3), await expected(0), await expected(3)]);
    await all.get([0, 3, 7]);
    expect(decoded).toEqual([3, 0, 7]);
  });

  it('with little room decodes again, and gives the same pixels', async () => {
    const { pool: small, decoded } = pool(3 * BYTES + 1);
    const numbers = Array.from({ length: 10 }, (_, i) => i);
    const first = await small.get(numbers);
    expect(await small.get(numbers)).toEqual(first);
    expect(first).toEqual(await Promise.all(numbers.map(expected)));
    expect(decoded).toHaveLength(20);
  });

  it('keeps those that were asked for last', async () => {
    const { pool: small, decoded } = pool(3 * BYTES);
    await small.get([0, 1, 2]);
    await small.get([0]);
    await small.get([3]); // in place of 1
    decoded.length = 0;
    await small.get([0, 2, 3]);
    expect(decoded).toEqual([]);
    await small.get([1]);
    expect(decoded).toEqual([1]);
  });

  it('keeps nothing where there is no room, and a gigabyte where nothing is said', async () => {
    const { pool: none, decoded } = pool(BYTES - 1);
    await none.get([4]);
    await none.get([4]);
    expect(decoded).toEqual([4, 4]);
    const large = (side: number) => {
      let calls = 0;
      const pixels = async () => {
        calls++;
        return new Uint8Array(0);
      };
      return { pool: new PicturePool({ ...set, resolution: side, pixels }), calls: () => calls };
    };
    // 2^30 bytes hold 3,170 pictures of 336 px.
    const { pool: full, calls } = large(336);
    const some = Array.from({ length: 3170 }, (_, i) => i);
    await full.get(some);
    await full.get(some);
    expect(calls()).toBe(3170);
    await full.get([3170]);
    await full.get([0]);
    expect(calls()).toBe(3172);
  });

  it('decodes side by side: two calls at once decode a picture once', async () => {
    const { pool: all, decoded } = pool();
    const [first, second] = await Promise.all([all.get([5, 6]), all.get([6, 5])]);
    expect(first).toEqual([...second].reverse());
    expect(decoded).toEqual([5, 6]);
  });

  it('passes on what is wrong with a picture', async () => {
    await expect(pool().pool.get([0, 10])).rejects.toThrow(/no number 10/);
  });
});
