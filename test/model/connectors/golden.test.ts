import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { openEngine } from '../../../src/engine/index.js';
import { attentionPoolLatent } from '../../../src/model/connectors/attention-pool.js';
import { CONNECTORS } from '../../../src/model/connectors/index.js';
import { perceiverResampler } from '../../../src/model/connectors/perceiver.js';
import { adaptiveAveragePool } from '../../../src/model/layers/index.js';
import { type Case, cases, largestDifference, readCase, readTensors, tolerance } from '../golden.js';
import { expectGrid, tensorAt, type Weights } from './case.js';

beforeAll(async () => {
  await openEngine();
});

it.skipIf(process.env.MM1_GOLDEN)("the project's own cases are found", () => {
  const found = ['avg-pool', 'attention-pool', 'c-abstractor'].map((group) => cases(group).length);
  expect(found).toEqual([1, 3, 2]);
});

/** The grids of a case; where it has but one, it says it on its own top level. */
function gridsOf(description: Case): Case[] {
  const { config, loss } = description;
  return (
    description.cases ?? [
      { ...config, tokens: config.num_query_tokens, file: 'io.safetensors', input: 'input', output: 'output', loss },
    ]
  );
}

describe.each(cases('avg-pool'))('average-pool equals torch: %s', (folder) => {
  const limits = { output: tolerance(5e-6, 2e-5), loss: 5e-6, relative: tolerance(5e-5, 1e-4) };
  it.each(gridsOf(readCase(folder)))('grid $grid to $hw x $hw', async ({ grid, hw, input, output, loss }) => {
    const io = readTensors(join(folder, 'io.safetensors'));
    const weights = readTensors(join(folder, 'weights.safetensors'));
    const [out, width] = weights['linear.weight']!.shape as [number, number];
    const config = { encoder_hidden_size: width, output_hidden_size: out, hidden_size: width, grid, tokens: hw * hw };
    const features = tensorAt(folder, input) as tf.Tensor3D;
    const pooled = io[output.replace('output', 'pooled')];
    if (pooled) expect(await largestDifference(adaptiveAveragePool(features, hw), pooled)).toBeLessThanOrEqual(2e-6);
    const forward = (p: Weights, x: tf.Tensor3D) => CONNECTORS['average-pool'].forward(p, config, x);
    await expectGrid(forward, { weights, input: features, output: io[output]!, loss, limits });
  });
});

describe.each(cases('attention-pool'))('attention pools equal the published ones: %s', (folder) => {
  const description = readCase(folder);
  const { num_heads, n_heads, heads } = description.config;
  const limits = { output: tolerance(1e-5, 5e-5), loss: 5e-6, relative: tolerance(1e-4, 5e-4) };
  const pool = 'latent' in description.weight_tensors ? attentionPoolLatent : perceiverResampler;
  it.each(gridsOf(description))('grid $grid', async ({ input, output, loss }) => {
    const weights = readTensors(join(folder, 'weights.safetensors'));
    const features = tensorAt(folder, input) as tf.Tensor3D;
    const forward = (p: Weights, x: tf.Tensor3D) => pool(p, num_heads ?? n_heads ?? heads, x);
    await expectGrid(forward, { weights, input: features, output: tensorAt(folder, output), loss, limits });
  });
});

describe.each(cases('c-abstractor'))("c-abstractor equals Honeybee's: %s", (folder) => {
  const description = readCase(folder);
  const limits = { output: tolerance(2e-5, 1e-4), loss: tolerance(5e-6, 1e-5), relative: tolerance(1e-4, 5e-4) };
  it.each(gridsOf(description))('grid $grid to $tokens tokens', async ({ grid, tokens, file, input, output, loss }) => {
    // A case may store one input and one table of positions for all its grids, which take the first rows of both.
    const firstRows = (x: tf.Tensor) => tf.slice(x, [0, 0, 0], [x.shape[0]!, grid ** 2, x.shape[2]!]) as tf.Tensor3D;
    const io = readTensors(join(folder, file));
    const whole = io[input] ?? tensorAt(folder, 'input.safetensors:input');
    const weights = readTensors(join(folder, 'weights.safetensors'));
    if (weights.pos_emb) weights.pos_emb = firstRows(weights.pos_emb);
    const config = { ...description.config, grid, tokens };
    const forward = (p: Weights, x: tf.Tensor3D) => CONNECTORS['c-abstractor'].forward(p, config, x);
    await expectGrid(forward, { weights, input: firstRows(whole), output: io[output]!, loss, limits });
  });
});
