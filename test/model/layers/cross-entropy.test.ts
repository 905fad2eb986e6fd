import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';
import { openEngine } from '../../../src/engine/index.js';
import { crossEntropy } from '../../../src/model/layers/index.js';

beforeAll(async () => {
  await openEngine();
});

it('is a number however high or low the scores are', async () => {
  const logits = tf.tensor2d([
    [1000, 999, 0],
    [-1000, -1001, -1000],
  ]);
  const targets = tf.tensor1d([1, 0], 'int32');
  const losses = await crossEntropy(logits, targets).data();
  expect(losses[0]).toBeCloseTo(Math.log(1 + Math.exp(1)), 4);
  expect(losses[1]).toBeCloseTo(Math.log(2 + Math.exp(-1)), 4);
  const gradient = await tf
    .grad((x) => tf.sum(crossEntropy(x as tf.Tensor2D, targets)))(logits)
    .data();
  expect(gradient[0]).toBeCloseTo(1 / (1 + Math.exp(-1)), 4);
  expect(gradient[3]).toBeCloseTo(1 / (2 + Math.exp(-1)) - 1, 4);
});
