import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ImageSet, openImageSet } from '../../../src/data/image-set.js';
import { CLIP_MEAN, CLIP_STD } from '../../../src/data/normalise.js';
import { PicturePool } from '../../../src/data/picture-pool.js';
import { openEngine } from '../../../src/engine/index.js';
import { tensorsOf } from '../../../src/train/batches/arrays.js';
import { autoregressiveBatch, openAutoregressive } from '../../../src/train/batches/autoregressive.js';
import { captionFolder } from '../../data/caption-folder.js';

beforeAll(async () => {
  await openEngine();
});

const PATCH = 2;
/** What a black pixel's red is, normalised. */
const BLACK = -CLIP_MEAN[0] / CLIP_STD[0];

const opened: ImageSet[] = [];
afterAll(() => Promise.all(opened.map((set) => set.close())));

/** Pictures of a grid of 8 x 8 patches. */
async function pictures(count: number, colour: (picture: number, x: number) => number, grid = 8): Promise<PicturePool> {
  const documents = Array.from({ length: count }, () => ({ alt: ['a'], rewritten: [] }));
  const grey = (value: number) => [value, value, value] as const;
  const folder = await captionFolder(documents, PATCH * grid, (picture, _, x) => grey(colour(picture, x)));
  const set = await openImageSet(folder);
  opened.push(set);
  return new PicturePool(set);
}

const black = await pictures(5, () => 0);
const settings = { batch: 4, patch: PATCH, keepPatches: 11, seed: 3 };

async function numbers(...input: Parameters<typeof autoregressiveBatch>) {
  const { patches, kept, predicted } = tensorsOf(await autoregressiveBatch(...input));
  return { patches: await patches.array(), kept: await kept.array(), predicted: await predicted.array() };
}

describe('a batch', () => {
  it('is a pure function of pictures, settings and step', async () => {
    const first = await numbers(black, settings, 6);
    expect(await numbers(black, settings, 6)).toEqual(first);
    expect(await numbers(black, settings, 7)).not.toEqual(first);
    expect(await numbers(black, { ...settings, seed: 4 }, 6)).not.toEqual(first);
  });

  it('has the largest square window that the number of patches allows, the same at every resolution', async () => {
    const shapes = async (grid: number, keepPatches: number) => {
      const { patches, kept, predicted } = await autoregressiveBatch(
        await pictures(5, () => 0, grid),
        { ...settings, keepPatches },
        0,
      );
      return [patches.shape, kept.shape, predicted.shape];
    };
    const nine = [
      [4, 9, 12],
      [4, 9],
      [4, 9],
    ];
    expect(await shapes(8, 11)).toEqual(nine);
    expect(await shapes(12, 9)).toEqual(nine);
    expect(await shapes(3, 1000)).toEqual(nine);
  });

  it('has every picture once at most', async () => {
    expect((await autoregressiveBatch(black, { ...settings, batch: 99 }, 0)).patches.shape[0]).toBe(5);
  });

  it('looks through a window at a place of its own in each picture, and over the steps at the whole grid', async () => {
    const seen = new Set<number>();
    let apart = 0;
    for (let step = 0; step < 60; step++) {
      const { kept } = await numbers(black, settings, step);
      for (const row of kept) {
        const [first] = row as [number];
        expect(row).toEqual([0, 1, 2, 8, 9, 10, 16, 17, 18].map((offset) => first + offset));
        expect(first % 8).toBeLessThanOrEqual(5);
        for (const place of row) seen.add(place);
      }
      if (new Set(kept.map(([first]) => first)).size > 1) apart++;
    }
    expect([...seen].sort((a, b) => a - b)).toEqual(Array.from({ length: 64 }, (_, i) => i));
    expect(apart).toBeGreaterThan(50);
  });

  it('has the patches that it says', async () => {
    // Black on the left, white on the right: however it is shifted and scaled, in the middle rows column 2 stays black
    // and column 5 does not turn black.
    const halves = await pictures(3, (_, x) => (x < 8 ? 0 : 255));
    let checked = 0;
    for (let step = 0; step < 30; step++) {
      const { patches, kept } = await numbers(halves, { ...settings, keepPatches: 4 }, step);
      kept.forEach((row, i) => {
        row.forEach((place, k) => {
          const column = place % 8;
          if (place < 16 || place >= 48 || (column !== 2 && column !== 5)) return;
          for (const red of patches[i]![k]!.slice(0, PATCH * PATCH)) {
            if (column === 2) expect(red).toBeCloseTo(BLACK, 5);
            else expect(red).toBeGreaterThan(BLACK + 1);
          }
          checked++;
        });
      });
    }
    expect(checked).toBeGreaterThan(40);
  });

  it('has pictures that differ from each other in every step', async () => {
    const two = await pictures(2, (picture) => 255 * picture);
    for (let step = 0; step < 30; step++) {
      const { patches } = await numbers(two, { ...settings, keepPatches: 64 }, step);
      const dark = patches.filter((picture) => picture.some((patch) => Math.abs(patch[0]! - BLACK) < 1e-5));
      expect(dark).toHaveLength(1);
    }
  });

  it('looks at a picture differently in every step', async () => {
    const grey = await pictures(1, () => 128);
    const middles = new Set<number>();
    for (let step = 0; step < 20; step++) {
      const { patches } = await numbers(grey, { ...settings, keepPatches: 64 }, step);
      middles.add(patches[0]![8 * 4 + 4]![0]!);
    }
    expect(middles.size).toBeGreaterThan(10);
  });

  it('has prefixes of 1 to K - 1 patches, each as likely, at the start of the window', async () => {
    const counts = [0, 0, 0, 0, 0];
    for (let step = 0; step < 150; step++) {
      const { predicted } = await numbers(black, { ...settings, keepPatches: 4 }, step);
      for (const row of predicted) {
        const prefix = row.indexOf(1);
        expect(row).toEqual(row.map((_, k) => (k < prefix ? 0 : 1)));
        counts[prefix]!++;
      }
    }
    const [none, ...others] = counts;
    expect(none).toBe(0);
    expect(others[3]).toBe(0);
    for (const count of others.slice(0, 3)) expect(Math.abs(count - 200)).toBeLessThan(50);
  });
});

it('a source of batches makes those of its pictures, and remembers nothing', async () => {
  const documents = Array.from({ length: 5 }, () => ({ alt: ['a'], rewritten: [] }));
  const folder = await captionFolder(documents, 16, () => [0, 0, 0]);
  const source = await openAutoregressive({ ...settings, corpus: folder });
  expect(source.facts).toEqual({ pictures: 5 });
  expect(await source.make(6, 0)).toEqual({ arrays: await autoregressiveBatch(black, settings, 6), data: null });
  await source.close();
});
