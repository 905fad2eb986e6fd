import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';
import { openEngine } from '../../../src/engine/index.js';
import { pixelShuffle } from '../../../src/model/connectors/pixel-shuffle.js';
import { largestDifference } from '../golden.js';

beforeAll(async () => {
  await openEngine();
});

it.each([
  [6, 9],
  [16, 64],
  [24, 64],
  [24, 144],
  [27, 81],
  [16, 144],
  [27, 64],
  [27, 144],
  [4, 16],
])('a grid of %i to %i tokens: each is its window, row by row, as a plain loop says', async (grid, tokens) => {
  const width = 2;
  const features = tf.randomNormal([2, grid * grid, width], 0, 1, 'float32', grid) as tf.Tensor3D;
  const values = await features.array();
  const out = Math.sqrt(tokens);
  const side = Math.ceil(grid / out);
  const start = (i: number) => Math.floor((i * grid) / out);
  const expected = values.map((patches) =>
    Array.from({ length: tokens }, (_, token) => {
      const deep: number[] = [];
      for (let y = 0; y < side; y++) {
        for (let x = 0; x < side; x++) {
          const patch = (start(Math.floor(token / out)) + y) * grid + start(token % out) + x;
          deep.push(...patches[patch]!);
        }
      }
      return deep;
    }),
  );
  // With the identity for its weight the connector gives what it reads.
  const deep = side * side * width;
  const config = { encoder_hidden_size: width, hidden_size: width, output_hidden_size: deep, grid, tokens };
  expect(pixelShuffle.specs(config)['modality_projection.proj.weight']!.shape).toEqual([deep, deep]);
  const weights = { 'modality_projection.proj.weight': tf.eye(deep) };
  expect(await largestDifference(pixelShuffle.forward(weights, config, features), tf.tensor3d(expected))).toBeLessThan(
    1e-6,
  );
});
