/** What a step of pre-training sees: some pictures, so many patches of each, and so many named regions of each at most. */
export interface Looks {
  readonly pictures: number;
  readonly keepPatches: number;
  readonly regions: number;
}

/** Most regions of a window that count; of a whole picture, as many more as its grid is larger. */
const REGIONS = 8;

/** Side in patches of the largest square window of a grid that has no more than so many patches. */
export function windowSide(grid: number, most: number): number {
  return Math.min(grid, Math.floor(Math.sqrt(most)));
}

/**
 * The two kinds of steps of a training on named parts of pictures: windows of many pictures, and whole ones of as many fewer.
 * @param grid patches along a side of a picture
 * @param batch pictures of which windows are seen
 */
export function regionLooks(
  grid: number,
  batch: number,
  keepPatches: number,
): { readonly windows: Looks; readonly whole: Looks } {
  const fewer = grid ** 2 / windowSide(grid, keepPatches) ** 2;
  return {
    windows: { pictures: batch, regions: REGIONS, keepPatches },
    whole: {
      pictures: Math.max(1, Math.round(batch / fewer)),
      regions: Math.round(REGIONS * fewer),
      keepPatches: grid ** 2,
    },
  };
}
