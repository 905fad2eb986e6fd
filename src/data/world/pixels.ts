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
  return resizeBicubic(small, seen, seen, side, side);
}

/** Shrinks a square picture: each pixel is the mean of the area that it covers. */
function averageAreas(pixels: Uint8ClampedArray, from: number, to: number): Uint8Array {
  const area = (from / to) ** 2;
  const shares = sharesOf(from, to);
  const sums = new Float32Array(from * 3); // [from, 3]
  const result = new Uint8Array(to * to * 3); // [to, to, 3]
  let target = 0;
  for (let y = 0; y < to; y++) {
    sums.fill(0);
    for (let i = shares.start[y]!; i < shares.start[y + 1]!; i++) {
      const first = shares.pixel[i]! * from * 3;
      const share = shares.share[i]!;
      for (let x = 0; x < sums.length; x++) sums[x]! += share * pixels[first + x]!;
    }
    for (let x = 0; x < to; x++) {
      for (let channel = 0; channel < 3; channel++) {
        let sum = 0;
        for (let j = shares.start[x]!; j < shares.start[x + 1]!; j++) {
          sum += shares.share[j]! * sums[shares.pixel[j]! * 3 + channel]!;
        }
        result[target++] = Math.round(sum / area);
      }
    }
  }
  return result;
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
