import { CLIP_MEAN, CLIP_STD } from './normalise.js';

/** How a picture is looked at: where its pixels are taken from, and what becomes of their colours. */
export interface View {
  /** Row of the picture that each row of the view shows; -1 is beyond its edge, and white. [resolution] */
  readonly rows: Int32Array;
  readonly columns: Int32Array;
  /** Value of a channel = the sum over the channels of weight x byte, then normalised: [out 3][in 3], row-major. */
  readonly colours: Float32Array;
}

const WHITE = 255;
const GREATEST = 255;

/**
 * Cuts patches out of one picture and normalises them as CLIP's processor does.
 * @param pixels pictures, RGB, [n, resolution, resolution, 3]
 * @param picture which of them
 * @param kept patches to cut, by their row-major number
 * @param out receives [kept, 3 x patch x patch], each in (channel, row, column) order, from `offset` on
 * @param view another look at the picture than the plain one
 */
export function cutPatches(
  pixels: Uint8Array,
  picture: number,
  resolution: number,
  patch: number,
  kept: Int32Array,
  out: Float32Array,
  offset: number,
  view: View = plainView(resolution),
): void {
  const grid = resolution / patch;
  const start = picture * resolution * resolution * 3;
  const area = patch * patch;
  const { rows, columns, colours: c } = view;
  const [m0, m1, m2] = CLIP_MEAN;
  const [s0, s1, s2] = CLIP_STD.map((deviation) => 1 / deviation) as [number, number, number];
  let at = offset;
  for (const index of kept) {
    const top = Math.floor(index / grid) * patch;
    const left = (index % grid) * patch;
    for (let row = top; row < top + patch; row++) {
      const y = rows[row]!;
      for (let column = left; column < left + patch; column++, at++) {
        const x = columns[column]!;
        const from = start + (y * resolution + x) * 3;
        const inside = y >= 0 && x >= 0;
        const r = inside ? pixels[from]! : WHITE;
        const g = inside ? pixels[from + 1]! : WHITE;
        const b = inside ? pixels[from + 2]! : WHITE;
        out[at] = (Math.min(1, (c[0]! * r + c[1]! * g + c[2]! * b) / GREATEST) - m0) * s0;
        out[at + area] = (Math.min(1, (c[3]! * r + c[4]! * g + c[5]! * b) / GREATEST) - m1) * s1;
        out[at + 2 * area] = (Math.min(1, (c[6]! * r + c[7]! * g + c[8]! * b) / GREATEST) - m2) * s2;
      }
    }
    at += 2 * area;
  }
}

/** The picture as it is. */
export function plainView(resolution: number): View {
  const straight = Int32Array.from({ length: resolution }, (_, i) => i);
  return { rows: straight, columns: straight, colours: Float32Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1) };
}

/** Every patch of a picture, in order. */
export function allPatches(resolution: number, patch: number): Int32Array {
  return Int32Array.from({ length: (resolution / patch) ** 2 }, (_, i) => i);
}
