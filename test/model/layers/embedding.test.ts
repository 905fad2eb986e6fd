import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { openEngine } from '../../../src/engine/index.js';
import { withoutLayers } from '../../../src/engine/tensorflow/layers.js';
import { embedding } from '../../../src/model/layers/index.js';
import { random } from '../../../src/random.js';

const engine = await openEngine();

it('takes rows by id, and adds up the gradients of each', async () => {
  const table = tf.tensor2d([1, 2, 3, 4, 5, 6], [3, 2]);
  const ids = tf.tensor2d([2, 0, 2, 2], [2, 2], 'int32');
  expect(await embedding(table, ids).array()).toEqual([
    [
      [5, 6],
      [1, 2],
    ],
    [
      [5, 6],
      [5, 6],
    ],
  ]);
  const dy = tf.tensor3d([1, 10, 2, 20, 3, 30, 4, 40], [2, 2, 2]);
  const gradient = tf.grad((x) => embedding(x, ids))(table, dy);
  expect(await gradient.array()).toEqual([
    [2, 20],
    [0, 0],
    [8, 80],
  ]);
});

it.runIf(engine.name === 'tensorflow')(
  'sums what a one-hot product sums, and to the same to the last bit each time',
  () => {
    const stream = random(7, 'embedding');
    const [entries, width, rows] = [300, 33, 5000];
    const table = tf.zeros([entries, width]);
    const ids = tf.tensor1d(
      Int32Array.from({ length: rows }, () => stream.below(entries - 1)),
      'int32',
    );
    const dy = tf.tensor2d(
      Float32Array.from({ length: rows * width }, () => stream.normal()),
      [rows, width],
    );
    const run = () =>
      tf
        .grad((x) => embedding(x, ids))(table, dy)
        .dataSync();
    const [first, second, several] = [run(), run(), withoutLayers(tf, run)];
    expect(first).toEqual(second);
    first.forEach((value, i) => {
      expect(Math.abs(value - several[i]!)).toBeLessThan(1e-5);
    });
  },
);
