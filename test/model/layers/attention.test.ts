import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { openEngine } from '../../../src/engine/index.js';
import { attend, causalMask, FORBIDDEN } from '../../../src/model/layers/index.js';
import { largestDifference } from '../golden.js';

beforeAll(async () => {
  await openEngine();
});

const normal = (shape: [number, number, number, number], seed: number) =>
  tf.randomNormal(shape, 0, 1, 'float32', seed) as tf.Tensor4D;

it('a forbidden key gets nothing, however high its score', async () => {
  const [q, k] = [tf.fill([1, 1, 2, 1], 1000), tf.tensor4d([1000, 500_000], [1, 1, 2, 1])];
  const v = tf.tensor4d([3, 7], [1, 1, 2, 1]);
  expect([...(await attend(q as tf.Tensor4D, k, v, causalMask(2)).data())]).toEqual([3, 7]);
});

it('a row whose every key is forbidden is a mean, and a number', async () => {
  const [q, k, v] = [1, 2, 3].map((seed) => normal([1, 1, 2, 4], seed)) as [tf.Tensor4D, tf.Tensor4D, tf.Tensor4D];
  const output = attend(q, k, v, tf.fill([1, 1, 2, 2], FORBIDDEN));
  expect(await largestDifference(tf.slice(output, [0, 0, 0, 0], [1, 1, 1, 4]), tf.mean(v, 2, true))).toBeLessThan(0.5);
  expect([...(await output.data())].every(Number.isFinite)).toBe(true);
});

describe('scores', () => {
  /** Number of parts that attention is computed in. */
  async function parts(batch: number, keys: number): Promise<number> {
    const { kernels } = await tf.profile(() => {
      const k = tf.ones<tf.Rank.R4>([batch, 1, keys, 1]);
      return attend(tf.ones([batch, 1, 1, 1]), k, k);
    });
    return kernels.filter(({ name }) => name === 'Softmax').length;
  }

  // Kernels are counted by tfjs's profiler, which does not wait for a GPU.
  it.skipIf(process.env.MM1_ENGINE === 'webgpu')(
    'are held 16 million at once, and one row of the batch at least',
    async () => {
      expect(await parts(4, 2 ** 22)).toBe(1);
      expect(await parts(4, 2 ** 22 + 1)).toBe(2); // three rows, and one
      expect(await parts(2, 2 ** 24 + 1)).toBe(2);
    },
  );

  it('of few rows at a time are those of all at once, with a mask for each row or for all', async () => {
    const [rows, tokens] = [5, 2000]; // 4 million scores a row: four rows at once
    const [q, k, v] = [1, 2, 3].map((seed) => normal([rows, 1, tokens, 4], seed)) as [
      tf.Tensor4D,
      tf.Tensor4D,
      tf.Tensor4D,
    ];
    const hidden = tf.mul(tf.oneHot(tf.tensor1d([1, 2, 3, 4, 5], 'int32'), tokens), 1);
    const own = tf.reshape(tf.mul(tf.cast(hidden, 'float32'), FORBIDDEN), [rows, 1, 1, tokens]);
    const shared = causalMask(tokens);
    const row = (x: tf.Tensor4D, i: number) => tf.slice(x, [i], [1]) as tf.Tensor4D;
    for (const mask of [own, shared]) {
      const together = attend(q, k, v, mask);
      for (const i of [0, 3, 4]) {
        const alone = attend(row(q, i), row(k, i), row(v, i), mask === own ? row(own as tf.Tensor4D, i) : shared);
        expect(await largestDifference(row(together, i), alone)).toBeLessThan(1e-5);
      }
    }
  });
});
