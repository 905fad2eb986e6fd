import type { Random } from '../../random.js';

/**
 * Draws the patches of a picture that the encoder sees in a step (FLIP, Li et al., 2023).
 * @param grid patches along a side of the picture
 * @param most how many, at most all
 * @returns their row-major numbers, in order: [kept]
 */
export function drawKeptPatches(grid: number, most: number, stream: Random): Int32Array {
  return stream
    .permutation(grid ** 2)
    .slice(0, most)
    .sort();
}
