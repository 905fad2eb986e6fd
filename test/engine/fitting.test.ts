import { expect, it } from 'vitest';
import { inFittingBatches } from '../../src/engine/fitting.js';

const items = Array.from({ length: 23 }, (_, i) => i);

/** Computes with as many at a time as memory holds; tells what was computed, and in batches of which size. */
async function computed(
  most: number,
  fits: number,
  fails: () => Error = () => new Error('OOM when allocating tensor'),
) {
  const done: number[] = [];
  const sizes: number[] = [];
  await inFittingBatches(items, most, async (batch, size) => {
    expect(batch.length).toBeLessThanOrEqual(size);
    if (size > fits) throw fails();
    sizes.push(size);
    done.push(...batch);
  });
  return { done, sizes: [...new Set(sizes)] };
}

it('each item once, in order, at the size that was asked for', async () => {
  expect(await computed(8, 100)).toEqual({ done: items, sizes: [8] });
});

it.each([
  [8, 3, 2],
  [23, 5, 3],
  [64, 1, 1],
])('%i at a time, where %i fit: %i from then on, and none is left out or twice', async (most, fits, then) => {
  expect(await computed(most, fits)).toEqual({ done: items, sizes: [then] });
});

it('where not one fits, and where something else is wrong, that is told', async () => {
  await expect(computed(8, 0)).rejects.toThrow('OOM when allocating');
  await expect(computed(8, 3, () => new Error('no such op'))).rejects.toThrow('no such op');
});
