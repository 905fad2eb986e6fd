import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';
import { openEngine } from '../../../src/engine/index.js';
import { adaptiveAveragePool, adaptiveWindows } from '../../../src/model/layers/index.js';
import { largestDifference } from '../golden.js';

beforeAll(async () => {
  await openEngine();
});

const WIDTH = 2;
const SIDES = [
  [16, 8],
  [16, 12],
  [24, 8],
  [24, 12],
  [27, 8],
  [27, 12],
  [10, 7],
  [7, 5],
  [5, 5],
  [9, 1],
] as const;

/** Two pictures whose values differ from row to row, column to column and channel to channel. */
function picture(input: number): tf.Tensor3D {
  return tf.randomNormal([2, input * input, WIDTH], 0, 1, 'float32', input);
}

it.each(SIDES)('pooling %i to %i is the mean of each bin, as a plain loop says', async (input, output) => {
  const x = picture(input);
  const values = await x.array();
  const expected = values.map((tokens) =>
    Array.from({ length: output * output }, (_, bin) => {
      const [row, column] = [Math.floor(bin / output), bin % output];
      const sums = [0, 0];
      let count = 0;
      for (let y = Math.floor((row * input) / output); y < Math.ceil(((row + 1) * input) / output); y++) {
        for (let z = Math.floor((column * input) / output); z < Math.ceil(((column + 1) * input) / output); z++) {
          for (let i = 0; i < WIDTH; i++) sums[i]! += tokens[y * input + z]![i]!;
          count++;
        }
      }
      return sums.map((sum) => sum / count);
    }),
  );
  expect(await largestDifference(adaptiveAveragePool(x, output), tf.tensor3d(expected))).toBeLessThan(2e-6);
});

it.each(SIDES)('windows of %i by %i start where the bins do, as a plain loop says', async (input, output) => {
  const x = picture(input);
  const values = await x.array();
  const side = Math.ceil(input / output);
  const place = (i: number) => Math.floor((Math.floor(i / side) * input) / output) + (i % side);
  const expected = values.map((tokens) =>
    Array.from({ length: (output * side) ** 2 }, (_, i) => {
      const [row, column] = [place(Math.floor(i / (output * side))), place(i % (output * side))];
      return tokens[row * input + column]!;
    }),
  );
  expect(await largestDifference(adaptiveWindows(x, output), tf.tensor3d(expected))).toBe(0);
  // Where the sides divide, nothing is computed.
  expect(adaptiveWindows(x, output) === x).toBe(input % output === 0);
});

it.each(SIDES)('windows of %i by %i leave no token out, and the last ends at the edge', async (input, output) => {
  const times = tf.grad((x) => tf.sum(adaptiveWindows(x as tf.Tensor3D, output)))(picture(input)); // in how many windows
  expect((await tf.min(times).data())[0]).toBeGreaterThanOrEqual(1);
  expect((await tf.sum(times).data())[0]).toBe(2 * WIDTH * (output * Math.ceil(input / output)) ** 2);
  if (input % output === 0) expect((await tf.max(times).data())[0]).toBe(1);
});
