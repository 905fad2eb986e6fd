import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';
import { openEngine } from '../../src/engine/index.js';
import { bundled, bundlesOf, mappedBundles, unbundled } from '../../src/train/bundles.js';

beforeAll(async () => {
  await openEngine();
});

const weights = () => ({
  gain: tf.tensor1d([1, 2]),
  table: tf.tensor2d([[3, 4, 5]]),
  offset: tf.scalar(6),
  slow: tf.tensor2d([[7], [8]]),
});
const rateOf = (name: string) => (name === 'slow' ? 0.1 : 1);

it('puts together what is updated by one rule: a rate, and decay for matrices alone', () => {
  const bundles = bundlesOf(weights(), rateOf);
  const rules = Object.values(bundles).map(({ names, rate, decay }) => ({ names, rate, decay }));
  expect(rules).toEqual([
    { names: ['gain', 'offset'], rate: 1, decay: 0 },
    { names: ['table'], rate: 1, decay: 1 },
    { names: ['slow'], rate: 0.1, decay: 1 },
  ]);
  const lengths = mappedBundles(bundles, ({ sizes }) => sizes.reduce((sum, size) => sum + size, 0));
  expect(Object.values(lengths)).toEqual([3, 3, 2]);
});

it('takes apart what it put together, in the order that is asked for', () => {
  const given = weights();
  const bundles = bundlesOf(given, rateOf);
  const vectors = bundled(bundles, given);
  expect([...vectors[Object.keys(bundles)[0]!]!.dataSync()]).toEqual([1, 2, 6]);
  const back = unbundled(bundles, vectors, ['slow', 'offset', 'gain', 'table']);
  expect(Object.keys(back)).toEqual(['slow', 'offset', 'gain', 'table']);
  for (const [name, tensor] of Object.entries(given)) {
    expect(back[name]!.shape).toEqual(tensor.shape);
    expect([...back[name]!.dataSync()]).toEqual([...tensor.dataSync()]);
  }
});
