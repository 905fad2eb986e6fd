import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';
import { openEngine } from '../../../src/engine/index.js';
import { type Activation, activate } from '../../../src/model/layers/index.js';

beforeAll(async () => {
  await openEngine();
});

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));

// The normal distribution's own numbers: F(2) = 0.977250, F(1/2) = 0.691462.
it.each<[Activation, number, number]>([
  ['quick_gelu', 2, 2 * sigmoid(1.702 * 2)],
  ['quick_gelu', -1.5, -1.5 * sigmoid(1.702 * -1.5)],
  ['gelu', 2, 2 * 0.97724987],
  ['gelu', -0.5, -0.5 * (1 - 0.69146246)],
  ['silu', 2, 2 * sigmoid(2)],
  ['silu', -1.5, -1.5 * sigmoid(-1.5)],
])('%s of %f', async (name, x, expected) => {
  expect((await activate(name, tf.scalar(x)).data())[0]).toBeCloseTo(expected, 5);
});
