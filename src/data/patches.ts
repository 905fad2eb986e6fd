import { CLIP_MEAN, CLIP_STD } from './normalise.js';

/** Normalised value of every byte in every channel. */
const NORMALISED = [0, 1, 2].map((channel) =>
  Float32Array.from({ length: 256 }, (_, byte) => (byte / 255 - CLIP_MEAN[channel]!) / CLIP_STD[channel]!),
) as [Float32Array, Float32Array, Float32Array];

/**
 * Cuts patches out of one picture and normalises them as CLIP's processor does.
 * @param pixels pictures, RGB, [n, resolution, resolution, 3]
 * @param picture which of them
 * @param kept patches to cut, by their row-major number
 * @param out receives [kept, 3 x patch x patch], each in (channel, row, column) order, from `offset` on
 */
export function cutPatches(
  pixels: Uint8Array,
  picture: number,
  resolution: number,
  patch: number,
  kept: Int32Array,
  out: Float32Array,
  offset: number,
): void {
  const grid = resolution / patch;
  const start = picture * resolution * resolution * 3;
  let at = offset;
  for (const index of kept) {
    const top = Math.floor(index / grid) * patch;
    const left = (index % grid) * patch;
    for (let channel = 0; channel < 3; channel++) {
      const values = NORMALISED[channel as 0 | 1 | 2];
      for (let row = 0; row < patch; row++) {
        let from = start + ((top + row) * resolution + left) * 3 + channel;
        for (let column = 0; column < patch; column++, from += 3) out[at++] = values[pixels[from]!]!;
      }
    }
  }
}

/** Every patch of a picture, in order. */
export function allPatches(resolution: number, patch: number): Int32Array {
  return Int32Array.from({ length: (resolution / patch) ** 2 }, (_, i) => i);
}
