import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';
import { openEngine } from '../../src/engine/index.js';

beforeAll(async () => {
  await openEngine('wasm');
  await openEngine('wasm'); // a second opening replaces no kernel again
});

const random = (shape: number[], seed: number) => tf.randomNormal(shape, 0, 1, 'float32', seed);

/** The product by its definition, on the host. */
function product(a: number[][], b: number[][]): number[][] {
  return a.map((row) => b[0]!.map((_, j) => row.reduce((sum, value, k) => sum + value * b[k]![j]!, 0)));
}

it.each([
  [false, false],
  [true, false],
  [false, true],
  [true, true],
])('a product with transposed matrices is right: %s, %s', (transposeA, transposeB) => {
  const a = random(transposeA ? [2, 5, 3] : [2, 3, 5], 1);
  const b = random(transposeB ? [2, 4, 5] : [2, 5, 4], 2);
  const before = tf.memory().numDataBuffers;
  const result = tf.matMul(a, b, transposeA, transposeB);
  expect(tf.memory().numDataBuffers).toBe(before + 1); // what was turned on the way is gone
  const plain = (x: tf.Tensor, turned: boolean) =>
    (turned ? tf.transpose(x, [0, 2, 1]) : x).arraySync() as unknown as number[][][];
  const actual = result.arraySync() as unknown as number[][][];
  actual.forEach((matrix, i) => {
    const expected = product(plain(a, transposeA)[i]!, plain(b, transposeB)[i]!);
    matrix.forEach((row, r) => {
      row.forEach((value, c) => {
        expect(value).toBeCloseTo(expected[r]![c]!, 5);
      });
    });
  });
});

it('so are its gradients', () => {
  const [a, b] = [random([3, 5], 3) as tf.Tensor2D, random([4, 5], 4) as tf.Tensor2D];
  const [da, db] = tf.grads((x, y) => tf.sum(tf.matMul(x as tf.Tensor2D, y as tf.Tensor2D, false, true)))([a, b]);
  const columns = (x: tf.Tensor2D) => tf.sum(x, 0).arraySync() as number[];
  (da!.arraySync() as number[][]).forEach((row) => {
    row.forEach((value, k) => {
      expect(value).toBeCloseTo(columns(b)[k]!, 5);
    });
  });
  (db!.arraySync() as number[][]).forEach((row) => {
    row.forEach((value, k) => {
      expect(value).toBeCloseTo(columns(a)[k]!, 5);
    });
  });
});
