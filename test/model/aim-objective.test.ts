import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';
import { openEngine } from '../../src/engine/index.js';
import { aimSpecs } from '../../src/model/aim.js';
import { aimHead, aimHeadSpecs, aimLoss, normalisedPixels } from '../../src/model/aim-objective.js';
import { activate, layerNorm, linear } from '../../src/model/layers/index.js';
import { initialise } from '../../src/model/parameters.js';
import { largestDifference } from './golden.js';
import { head, noise, small, smallWeights } from './small-aim.js';

beforeAll(async () => {
  await openEngine();
});

it("the head's further blocks are residual MLPs behind a norm", async () => {
  const weights = smallWeights();
  const x = noise([2, 3, 8], 2);
  const apply = (name: string, y: tf.Tensor) => linear(y, weights[`${name}.weight`]!, weights[`${name}.bias`]!);
  let hidden = activate('gelu', apply('head.fc1', x));
  for (const block of ['head.blocks.0', 'head.blocks.1']) {
    const normed = layerNorm(hidden, weights[`${block}.norm.weight`]!, weights[`${block}.norm.bias`]!, 1e-6);
    const wide = activate('gelu', apply(`${block}.mlp.fc1`, normed));
    expect(wide.shape).toEqual([2, 3, 24]);
    hidden = tf.add(hidden, apply(`${block}.mlp.fc2`, wide));
  }
  expect(await largestDifference(aimHead(weights, small, x), apply('head.fc2', hidden) as tf.Tensor3D)).toBe(0);
});

it('a patch of one colour is 0, and a faint one keeps its strength under the constant of the norm', async () => {
  // Of 12 pixels one differs by d: the unbiased variance is d^2 / 12.
  const faint = (d: number) => normalisedPixels(tf.tensor3d([d, ...Array<number>(11).fill(0)], [1, 1, 12])).data();
  expect([...(await faint(0))]).toEqual(Array(12).fill(0));
  expect((await faint(1e-3))[0]).toBeCloseTo((1e-3 * 11) / 12 / Math.sqrt(1e-6 / 12 + 1e-6), 4);
});

it('learns to predict a row that repeats', async () => {
  const row = noise([1, 1, 12], 3);
  const patches = tf.add(tf.tile(row, [4, 9, 1]), tf.mul(noise([4, 9, 12], 4), 0.01)) as tf.Tensor3D;
  const kept = tf.tile(tf.reshape(tf.range(0, 9, 1, 'int32'), [1, 9]), [4, 1]) as tf.Tensor2D;
  const predicted = tf.tile(tf.tensor2d([[0, 0, 0, 1, 1, 1, 1, 1, 1]]), [4, 1]) as tf.Tensor2D;
  let parameters: Record<string, tf.Tensor> = initialise({ ...aimSpecs(small), ...aimHeadSpecs(small, head) }, 1);
  const names = Object.keys(parameters);
  const losses: number[] = [];
  for (let step = 0; step < 40; step++) {
    const { value, grads } = tf.valueAndGrads((...tensors: tf.Tensor[]) =>
      aimLoss(Object.fromEntries(names.map((name, i) => [name, tensors[i]!])), small, 3, {
        patches,
        kept,
        predicted,
      }),
    )(names.map((name) => parameters[name]!));
    losses.push((await value.data())[0]!);
    parameters = Object.fromEntries(
      names.map((name, i) => [name, tf.sub(parameters[name]!, tf.mul(grads[i]!, 0.3)) as tf.Tensor]),
    );
  }
  expect(losses[39]!).toBeLessThan(0.3 * losses[0]!);
});
