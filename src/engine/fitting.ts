import { isOutOfMemory } from './faults.js';

/**
 * Computes items so many at a time; where memory fails, with half as many from then on. What one item comes to must not hang on its
 * neighbours.
 * @param most items at a time
 * @param compute given the next items, and how many are taken at a time, which the last ones may be fewer than
 * @throws whatever `compute` throws, but for a want of memory while there are fewer to try
 */
export async function inFittingBatches<Item>(
  items: readonly Item[],
  most: number,
  compute: (batch: readonly Item[], size: number) => Promise<void>,
): Promise<void> {
  let size = most;
  for (let start = 0; start < items.length; ) {
    const batch = items.slice(start, start + size);
    try {
      await compute(batch, size);
      start += batch.length;
    } catch (error) {
      if (size === 1 || !isOutOfMemory(error)) throw error;
      size = Math.ceil(size / 2);
    }
  }
}
