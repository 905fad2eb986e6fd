import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';
import { openEngine } from '../../src/engine/index.js';
import { readHeader } from '../../src/store/safetensors.js';
import { loadWeights, saveWeights } from '../../src/train/checkpoint.js';

beforeAll(async () => {
  await openEngine();
});

it('weights come back as they were, all or those under a prefix', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'mm1-weights-'));
  await saveWeights(folder, { 'a.x': tf.tensor2d([[1, 2]]), 'b.x': tf.scalar(3) });
  const all = loadWeights(folder);
  expect(Object.entries(all).map(([name, { shape }]) => [name, shape])).toEqual([
    ['a.x', [1, 2]],
    ['b.x', []],
  ]);
  expect([...all['a.x']!.dataSync()]).toEqual([1, 2]);
  expect(Object.keys(loadWeights(folder, 'b.'))).toEqual(['b.x']);
});

it("the file says that its layout is torch's, which transformers asks of it", async () => {
  const folder = mkdtempSync(join(tmpdir(), 'mm1-weights-'));
  await saveWeights(folder, { x: tf.scalar(3) });
  expect(readHeader(join(folder, 'model.safetensors')).metadata.get('format')).toBe('pt');
});
