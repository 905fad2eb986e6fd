import { basename, join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { openEngine } from '../../../src/engine/index.js';
import { attentionPoolLatent } from '../../../src/model/connectors/attention-pool.js';
import { CONNECTORS } from '../../../src/model/connectors/index.js';
import { cases, expectGradients, largestDifference, readCase, readTensors } from '../golden.js';

beforeAll(async () => {
  await openEngine();
});

const meanSquare = (x: tf.Tensor) => tf.mean(tf.square(x)) as tf.Scalar;

describe.each(cases('avg-pool'))('average-pool equals torch: %s', (folder) => {
  const { cases: grids } = readCase(folder);
  it.each(grids as { grid: number; hw: number; input: string; output: string; loss: never }[])(
    'grid $grid to $hw x $hw',
    ({ grid, hw, input, output, loss }) => {
      const weights = readTensors(join(folder, 'weights.safetensors'));
      const io = readTensors(join(folder, 'io.safetensors'));
      const [width, out] = [weights['linear.weight']!.shape[1]!, weights['linear.weight']!.shape[0]!];
      const config = { encoder_hidden_size: width, output_hidden_size: out, hidden_size: width, grid, tokens: hw * hw };
      const forward = (p: Record<string, tf.Tensor>) =>
        CONNECTORS['average-pool'].forward(p, config, io[input] as tf.Tensor3D);
      expect(largestDifference(forward(weights), io[output]!)).toBeLessThanOrEqual(5e-6);
      expectGradients((p) => meanSquare(forward(p)), weights, loss, { loss: 5e-6, relative: 5e-5 });
    },
  );
});

const timm = cases('attention-pool').filter((folder) => basename(folder).startsWith('timm'));
describe.each(timm)("attention-pool equals timm's: %s", (folder) => {
  const { cases: grids, config } = readCase(folder);
  it.each(grids as { grid: number; input: string; output: string; loss: never }[])(
    'grid $grid',
    ({ input, output, loss }) => {
      const weights = readTensors(join(folder, 'weights.safetensors'));
      const [file, name] = input.split(':') as [string, string];
      const features = readTensors(join(folder, file))[name] as tf.Tensor3D;
      const forward = (p: Record<string, tf.Tensor>) => attentionPoolLatent(p, config.num_heads, features);
      const expected = readTensors(join(folder, 'io.safetensors'))[output]!;
      expect(largestDifference(forward(weights), expected)).toBeLessThanOrEqual(1e-5);
      expectGradients((p) => meanSquare(forward(p)), weights, loss, { loss: 5e-6, relative: 1e-4 });
    },
  );
});

interface AbstractorGrid {
  grid: number;
  tokens: number;
  file: string;
  input: string;
  output: string;
  loss: never;
}

describe.each(cases('c-abstractor'))("c-abstractor equals Honeybee's: %s", (folder) => {
  const description = readCase(folder);
  const single = {
    grid: description.config.grid,
    tokens: description.config.num_query_tokens,
    file: 'io.safetensors',
    input: 'input',
    output: 'output',
    loss: description.loss,
  };
  it.each((description.cases ?? [single]) as AbstractorGrid[])('grid $grid to $tokens tokens', (grid) => {
    const patches = grid.grid ** 2;
    const firstRows = (x: tf.Tensor) => tf.slice(x, [0, 0, 0], [x.shape[0]!, patches, x.shape[2]!]) as tf.Tensor3D;
    const io = readTensors(join(folder, grid.file));
    const input = io[grid.input] ?? readTensors(join(folder, 'input.safetensors')).input!;
    const weights = readTensors(join(folder, 'weights.safetensors'));
    weights.pos_emb = firstRows(weights.pos_emb!);
    const { encoder_hidden_size, output_hidden_size, hidden_size } = description.config;
    const config = { encoder_hidden_size, output_hidden_size, hidden_size, grid: grid.grid, tokens: grid.tokens };
    const forward = (p: Record<string, tf.Tensor>) => CONNECTORS['c-abstractor'].forward(p, config, firstRows(input));
    expect(largestDifference(forward(weights), io[grid.output]!)).toBeLessThanOrEqual(2e-5);
    expectGradients((p) => meanSquare(forward(p)), weights, grid.loss, { loss: 5e-6, relative: 1e-4 });
  });
});
