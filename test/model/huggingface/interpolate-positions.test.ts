import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';
import { openEngine } from '../../../src/engine/index.js';
import { interpolatePositions } from '../../../src/model/huggingface/interpolate-positions.js';
import { largestDifference } from '../golden.js';

beforeAll(async () => {
  await openEngine();
});

const golden: { how: string; weight: number[][]; grids: Record<string, number[][]> } = JSON.parse(
  readFileSync(join(import.meta.dirname, 'positions.json'), 'utf8'),
);

it.each(Object.entries(golden.grids))(
  'positions equal those of transformers on a grid of side %s',
  async (side, expected) => {
    const actual = interpolatePositions(tf.tensor2d(golden.weight), Number(side));
    expect(await largestDifference(actual, tf.tensor2d(expected))).toBeLessThanOrEqual(2e-6);
  },
);

it('the same grid keeps the same positions', async () => {
  const weight = tf.tensor2d(golden.weight);
  expect(await largestDifference(interpolatePositions(weight, 4), weight)).toBe(0);
});

it('what is no square grid is a bug', () => {
  expect(() => interpolatePositions(tf.zeros([16, 2]), 4)).toThrow('no class token and a square grid');
});
