import { describe, expect, it } from 'vitest';
import { resizeBicubic } from '../../src/data/resample.js';
import { random } from '../../src/random.js';

/** One pass of Pillow's BICUBIC as its source says it, pixel by pixel: lines of `size` pixels, `stride` bytes apart. */
function pass(pixels: Uint8Array, size: number, newSize: number, stride: number, lines: readonly number[][]) {
  const scale = size / newSize;
  const stretch = Math.max(scale, 1);
  return lines.map((line) =>
    Array.from({ length: newSize }, (_, i) => {
      const centre = (i + 0.5) * scale;
      const start = Math.max(0, Math.trunc(centre - 2 * stretch + 0.5));
      const end = Math.min(size, Math.trunc(centre + 2 * stretch + 0.5));
      const exact = Array.from({ length: end - start }, (_, tap) => {
        const x = Math.abs((start + tap - centre + 0.5) / stretch);
        if (x < 1) return 1.5 * x * x * x - 2.5 * x * x + 1;
        return x < 2 ? -0.5 * (x * x * x - 5 * x * x + 8 * x - 4) : 0;
      });
      const total = exact.reduce((sum, weight) => sum + weight, 0);
      return [0, 1, 2].map((channel) => {
        let sum = 0.5;
        exact.forEach((weight, tap) => {
          sum +=
            (Math.round((weight / total) * 2 ** 22) / 2 ** 22) * pixels[line[0]! + (start + tap) * stride + channel]!;
        });
        return Math.max(0, Math.min(255, Math.floor(sum)));
      });
    }),
  );
}

/** Both passes; rows first. */
function byHand(pixels: Uint8Array, width: number, height: number, newWidth: number, newHeight: number): Uint8Array {
  const rows = Array.from({ length: height }, (_, y) => [y * width * 3]);
  const across = Uint8Array.from(pass(pixels, width, newWidth, 3, rows).flat(2));
  const columns = Array.from({ length: newWidth }, (_, x) => [x * 3]);
  const down = pass(across, height, newHeight, newWidth * 3, columns); // [newWidth, newHeight, 3]
  return Uint8Array.from(Array.from({ length: newHeight }, (_, y) => down.map((column) => column[y]!)).flat(2));
}

/** Noise; of black and white alone, sums leave 0 .. 255 on both sides. */
function noise(width: number, height: number, harsh: boolean): Uint8Array {
  const stream = random(0, `${width} x ${height}`);
  return Uint8Array.from({ length: width * height * 3 }, () => (harsh ? 255 * stream.below(2) : stream.below(256)));
}

describe('resizeBicubic', () => {
  it.each([
    [64, 48, 45, 34],
    [61, 47, 20, 90],
    [33, 200, 34, 7],
    [200, 3, 5, 5],
    [1, 1, 9, 4],
    [2, 5, 1, 1],
    [40, 30, 40, 15],
    [640, 20, 448, 14],
  ])('gives what the sums by hand give: %i x %i to %i x %i', (width, height, newWidth, newHeight) => {
    for (const harsh of [false, true]) {
      const pixels = noise(width, height, harsh);
      const resized = resizeBicubic(pixels, width, height, newWidth, newHeight);
      expect(Buffer.compare(resized, byHand(pixels, width, height, newWidth, newHeight))).toBe(0);
    }
  });

  it('leaves a picture as it is where its size stays', () => {
    const pixels = noise(31, 22, true);
    expect(Buffer.compare(resizeBicubic(pixels, 31, 22, 31, 22), pixels)).toBe(0);
  });

  it('of a part gives that part of the whole', () => {
    const pixels = noise(90, 70, true);
    const whole = resizeBicubic(pixels, 90, 70, 51, 43);
    for (const [left, top, width, height] of [
      [0, 0, 51, 43],
      [4, 0, 43, 43],
      [50, 42, 1, 1],
      [17, 9, 5, 30],
    ] as const) {
      const part = resizeBicubic(pixels, 90, 70, 51, 43, { left, top, width, height });
      const rows = Array.from({ length: height }, (_, y) => {
        const first = ((top + y) * 51 + left) * 3;
        return whole.subarray(first, first + width * 3);
      });
      expect(Buffer.compare(part, Buffer.concat(rows))).toBe(0);
    }
  });

  it('gives the same after a larger picture has grown its memory', () => {
    const pixels = noise(50, 40, false);
    const before = resizeBicubic(pixels, 50, 40, 30, 24);
    resizeBicubic(noise(2000, 1200, false), 2000, 1200, 700, 420);
    expect(Buffer.compare(resizeBicubic(pixels, 50, 40, 30, 24), before)).toBe(0);
  });
});
