/** A part of a picture, in pixels of the picture; its sides need not fall on whole pixels. */
export interface Box {
  readonly top: number;
  readonly left: number;
  readonly height: number;
  readonly width: number;
}

/** A part of a picture and the words that name what it shows. */
export interface Region {
  readonly box: Box;
  readonly phrase: string;
}

/** A picture of which parts are named. */
export interface NamedPicture {
  /** RGB, [resolution, resolution, 3] */
  readonly pixels: Uint8Array;
  readonly regions: readonly Region[];
}

/** Pixels that two boxes share. */
export function sharedArea(a: Box, b: Box): number {
  const height = Math.min(a.top + a.height, b.top + b.height) - Math.max(a.top, b.top);
  const width = Math.min(a.left + a.width, b.left + b.width) - Math.max(a.left, b.left);
  return Math.max(0, height) * Math.max(0, width);
}

/**
 * How a box spreads over some patches of a picture, by the area of each that it covers.
 * @param kept patches, by their row-major number
 * @param grid patches along a side of the picture
 * @param patch side of a patch in pixels
 * @param out receives the shares, [kept], from `offset` on; they sum to 1
 * @returns false, and leaves `out` as it was, where less than half of the box lies in these patches, and it fills less than
 *   half of them
 */
export function coverPatches(
  box: Box,
  kept: Int32Array,
  grid: number,
  patch: number,
  out: Float32Array,
  offset: number,
): boolean {
  const areas = Array.from(kept, (index) =>
    sharedArea(box, {
      top: Math.floor(index / grid) * patch,
      left: (index % grid) * patch,
      height: patch,
      width: patch,
    }),
  );
  const total = areas.reduce((sum, area) => sum + area, 0);
  if (total < Math.min(box.height * box.width, kept.length * patch ** 2) / 2) return false;
  areas.forEach((area, i) => {
    out[offset + i] = area / total;
  });
  return true;
}
