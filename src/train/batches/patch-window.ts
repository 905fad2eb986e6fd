import type { Box } from '../../data/regions.js';
import type { Random } from '../../random.js';

/**
 * The patches of a square window that lies anywhere in a grid, or anywhere around the middle of a box.
 * @param side in patches, at most the grid's
 * @param patch side of a patch in pixels, of a box in pixels
 * @returns their row-major numbers, in order: [side x side]
 */
export function drawWindow(
  side: number,
  grid: number,
  stream: Random,
  around?: { box: Box; patch: number },
): Int32Array {
  const top = around ? startAround(around.box.top + around.box.height / 2, around.patch) : anywhere();
  const left = around ? startAround(around.box.left + around.box.width / 2, around.patch) : anywhere();
  return Int32Array.from({ length: side * side }, (_, i) => (top + Math.floor(i / side)) * grid + left + (i % side));

  function anywhere(): number {
    return stream.below(grid - side + 1);
  }

  /** Where a window starts that has a pixel's patch somewhere in it. */
  function startAround(pixel: number, of: number): number {
    const at = Math.min(grid - 1, Math.max(0, Math.floor(pixel / of)));
    const [first, last] = [Math.max(0, at - side + 1), Math.min(grid - side, at)];
    return first + stream.below(last - first + 1);
  }
}
