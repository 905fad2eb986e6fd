import { resizeBicubic } from '../resample.js';
import { drawMaster } from './draw.js';
import { MASTER_SIDE, type Scene } from './scene.js';

/**
 * A picture of a scene. Every size comes from one master of 672 px by averaging areas, so that scale alone differs.
 * @param side in pixels, at most 672
 * @param detail Side in pixels of the picture that is enlarged (bicubic) to `side`: 224 at a side of 336 gives as many
 *   patches as 336 with no more to be seen than at 224, the control that tells detail from patches. `side` where left out.
 * @returns RGB, [side, side, 3]
 */
export function worldPixels(scene: Scene, side: number, detail = side): Uint8Array {
  const seen = Math.min(side, detail);
  const small = averageAreas(drawMaster(scene), MASTER_SIDE, seen); // [seen, seen, 3]
  return seen === side ? small : resizeBicubic(small, seen, seen, side, side);
}

/** Added to a level before it is cut to a whole number: Math.round takes as long as all the rest. */
const HALF = 0.5;

/** Shrinks a square picture: each pixel is the mean of the area that it covers. */
function averageAreas(pixels: Uint8ClampedArray, from: number, to: number): Uint8Array {
  const area = (from / to) ** 2;
  const { start, pixel, share } = sharesOf(from, to);
  const row = from * 3;
  const sums = new Float32Array(row); // [from, 3]
  const result = new Uint8Array(to * to * 3); // [to, to, 3]
  let target = 0;
  for (let y = 0; y < to; y++) {
    sums.fill(0);
    for (let i = start[y]!; i < start[y + 1]!; i++) addRow(sums, pixels, pixel[i]! * row, share[i]!);
    for (let x = 0; x < to; x++) {
      let red = 0;
      let green = 0;
      let blue = 0;
      for (let j = start[x]!; j < start[x + 1]!; j++) {
        const at = pixel[j]! * 3;
        const weight = share[j]!;
        red += weight * sums[at]!;
        green += weight * sums[at + 1]!;
        blue += weight * sums[at + 2]!;
      }
      result[target++] = red / area + HALF;
      result[target++] = green / area + HALF;
      result[target++] = blue / area + HALF;
    }
  }
  return result;
}

function addRow(sums: Float32Array, pixels: Uint8ClampedArray, first: number, share: number): void {
  for (let x = 0; x < sums.length; x++) sums[x]! += share * pixels[first + x]!;
}

/** Which pixels each pixel of the smaller picture covers along a side, and how much of each. */
function sharesOf(from: number, to: number) {
  const start = [0];
  const pixel: number[] = [];
  const share: number[] = [];
  for (let x = 0; x < to; x++) {
    const [low, high] = [(x * from) / to, ((x + 1) * from) / to];
    for (let i = Math.floor(low); i < high; i++) {
      pixel.push(i);
      share.push(Math.min(high, i + 1) - Math.max(low, i));
    }
    start.push(pixel.length);
  }
  return { start: Int32Array.from(start), pixel: Int32Array.from(pixel), share: Float64Array.from(share) };
}
