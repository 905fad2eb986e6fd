import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { openEngine } from '../../src/engine/index.js';
import { type AimConfig, aimFeatures, aimSpecs, aimTrunk, prefixMask } from '../../src/model/aim.js';
import {
  aimHead,
  aimHeadSpecs,
  aimLoss,
  autoregressiveLoss,
  normalisedPixels,
  patchLosses,
} from '../../src/model/aim-objective.js';
import { linear } from '../../src/model/layers/index.js';
import type { Parameters } from '../../src/model/parameters.js';
import { type Case, cases, expectGradients, largestDifference, readCase, readTensors, tolerance } from './golden.js';
import { head, noise, small, smallWeights } from './small-aim.js';

beforeAll(async () => {
  await openEngine();
});

/** [batch, channels, height, width] -> [batch, patches, channels x patch x patch] */
function patchesOf(pixels: tf.Tensor, patch: number): tf.Tensor3D {
  const [batch, channels, height, width] = pixels.shape as [number, number, number, number];
  const [rows, columns] = [height / patch, width / patch];
  const split = tf.reshape(pixels, [batch, channels, rows, patch, columns, patch]);
  return tf.reshape(tf.transpose(split, [0, 2, 4, 1, 3, 5]), [batch, rows * columns, channels * patch * patch]);
}

/** The first pictures of a batch. */
function first<T extends tf.Tensor>(x: T, pictures: number): T {
  return tf.slice(x, 0, pictures) as T;
}

function readAim(folder: string) {
  const description: Case = readCase(folder);
  const config: AimConfig = description.config;
  const weights = readTensors(join(folder, 'weights.safetensors'));
  const io = readTensors(join(folder, 'io.safetensors'));
  const patch = config.patch_size;
  const [, , height, width] = io.pixel_values!.shape as [number, number, number, number];
  const patches = patchesOf(io.pixel_values!, patch);
  const [rows, columns] = [height / patch, width / patch];
  const predicted = tf.cast(io.mask_nonprefix!, 'float32') as tf.Tensor2D;
  const run = (p: Parameters, pictures: tf.Tensor3D, mask?: tf.Tensor) =>
    aimTrunk(p, config, pictures, { rows, columns }, mask);
  return { description, config, weights, io, patches, predicted, rows, columns, run };
}

describe.each(cases('aim'))('AIM equals apple/ml-aim: %s', (folder) => {
  const output = tolerance(2e-5, 1e-4);
  const scalar = tolerance(5e-6, 2e-5);

  it('tokens, blocks and trunk, with prefix attention', async () => {
    const { weights, io, patches, predicted, run } = readAim(folder);
    const { tokens, blocks, last } = run(weights, patches, prefixMask(predicted));
    expect(await largestDifference(tokens, io.tokens_after_preprocessor!)).toBeLessThanOrEqual(output);
    for (const [i, x] of blocks.entries()) {
      expect(await largestDifference(x, io[`block_output.${i}`]!), `block ${i}`).toBeLessThanOrEqual(output);
    }
    expect(`block_output.${blocks.length}` in io).toBe(false);
    expect(await largestDifference(last, io.trunk_output!)).toBeLessThanOrEqual(output);
  });

  it('bidirectional as an encoder, and causal without a prefix', async () => {
    const { weights, io, patches, predicted, run } = readAim(folder);
    const compare = async (name: string, masked: (pictures: number) => tf.Tensor | undefined) => {
      const expected = io[name]!;
      const pictures = expected.shape[0]!;
      const { last } = run(weights, first(patches, pictures), masked(pictures));
      expect(await largestDifference(last, expected), name).toBeLessThanOrEqual(output);
    };
    await compare('trunk_output_all_bidirectional', () => undefined);
    await compare('trunk_output_all_bidirectional', (n) => prefixMask(first(tf.zerosLike(predicted), n)));
    await compare('trunk_output_all_causal', (n) => prefixMask(first(tf.onesLike(predicted), n)));
  });

  it('targets, predictions, losses and gradients', async () => {
    const { description, config, weights, io, patches, predicted, run } = readAim(folder);
    const { loss } = description;
    const target = normalisedPixels(patches);
    const predict = (p: Parameters) => aimHead(p, config, run(p, patches, prefixMask(predicted)).last);
    const prediction = predict(weights);
    for (const [name, x] of [
      ['target_normalised.b0', target],
      ['prediction.b0', prediction],
    ] as const) {
      const expected = io[name]!;
      expect(await largestDifference(first(x, expected.shape[0]!), expected), name).toBeLessThanOrEqual(output);
    }
    const losses = patchLosses(prediction, target);
    expect(await largestDifference(losses, io.per_patch_loss!)).toBeLessThanOrEqual(output);

    const f = (p: Parameters) => autoregressiveLoss(patchLosses(predict(p), target), predicted);
    await expectGradients(f, weights, loss, { loss: scalar, relative: tolerance(5e-5, 2e-4) });
  });

  it('the loss of a batch, which says where its patches lie', async () => {
    const { description, config, weights, patches, predicted, rows, columns } = readAim(folder);
    if (rows !== columns) return; // our own pictures are square
    const kept = tf.tile(tf.reshape(tf.range(0, rows * columns, 1, 'int32'), [1, -1]), [patches.shape[0], 1]);
    const value = (await aimLoss(weights, config, rows, { patches, kept: kept as tf.Tensor2D, predicted }).data())[0]!;
    expect(Math.abs(value - description.loss.value_fp64)).toBeLessThanOrEqual(scalar);
  });

  it('the variants of the loss that it is not', async () => {
    const { description, io, predicted } = readAim(folder);
    const losses = io.per_patch_loss as tf.Tensor2D;
    const everywhere = (await autoregressiveLoss(losses, tf.onesLike(predicted)).data())[0]!;
    const expected = description.loss.variants_fp64.all_positions_no_prefix_exclusion;
    expect(Math.abs(everywhere - expected)).toBeLessThanOrEqual(scalar);
  });

  it('weights have the names and shapes of the checkpoint', () => {
    const { config, weights } = readAim(folder);
    const hidden = weights['head.fc1.weight']?.shape[0];
    const specs = { ...aimSpecs(config), ...(hidden ? aimHeadSpecs(config, { hidden, depth: 1 }) : {}) };
    for (const [name, { shape }] of Object.entries(specs)) {
      if (name in weights) expect(weights[name]!.shape, name).toEqual(shape);
      else expect(name).toMatch(/patchifier\.norm|post_trunk_norm/); // a checkpoint may do without
    }
  });
});

describe('AIM', () => {
  it('a patch sees what came before it, itself and the prefix', async () => {
    const allowed = (await tf.equal(prefixMask(tf.tensor2d([[0, 0, 1, 1]])), 0).array()) as unknown as number[][][][];
    expect(allowed[0]![0]).toEqual([
      [1, 1, 0, 0],
      [1, 1, 0, 0],
      [1, 1, 1, 0],
      [1, 1, 1, 1],
    ]);
  });

  it('a window keeps the positions that its patches have in the whole grid', async () => {
    const weights = smallWeights();
    const patches = noise([1, 12, 12], 1);
    const whole = aimTrunk(weights, small, patches, { rows: 3, columns: 4 }).tokens;
    const chosen = [5, 6, 9, 10];
    const kept = tf.tensor2d([chosen], [1, 4], 'int32');
    const window = aimTrunk(weights, small, tf.gather(patches, chosen, 1), { rows: 3, columns: 4, kept }).tokens;
    expect(await largestDifference(window, tf.gather(whole, chosen, 1))).toBeLessThanOrEqual(1e-6);
  });

  it('biases and the outer norms take part where the weights have them', async () => {
    const weights = smallWeights();
    const patches = noise([1, 4, 12], 6);
    const run = (changed: Record<string, tf.Tensor | undefined>) => {
      const kept = Object.entries({ ...weights, ...changed }).filter(
        (entry): entry is [string, tf.Tensor] => !!entry[1],
      );
      return aimTrunk(Object.fromEntries(kept), { ...small, num_blocks: 1 }, patches, { rows: 2, columns: 2 });
    };
    const plain = run({});
    const step = tf.linspace(-1, 1, 8);
    const [after] = run({ 'trunk.blocks.0.mlp.fc2.bias': step }).blocks;
    expect(await largestDifference(after!, tf.add(plain.blocks[0]!, step))).toBeLessThanOrEqual(1e-5);
    for (const [name, width] of [
      ['attn.qkv', 24],
      ['attn.proj', 8],
      ['mlp.fc1', 32],
    ] as const) {
      const [changed] = run({ [`trunk.blocks.0.${name}.bias`]: tf.linspace(-1, 1, width) }).blocks;
      expect(await largestDifference(changed!, plain.blocks[0]!), name).toBeGreaterThan(1e-2);
    }
    const bare = run({ 'trunk.post_trunk_norm.weight': undefined, 'trunk.post_trunk_norm.bias': undefined });
    expect(await largestDifference(bare.last, plain.blocks[0]!)).toBe(0);
    const { tokens } = run({ 'preprocessor.patchifier.norm.weight': undefined });
    const positions = run({
      'preprocessor.patchifier.norm.weight': tf.zeros([8]),
      'preprocessor.patchifier.norm.bias': tf.zeros([8]),
    }).tokens;
    const kernel = tf.reshape(weights['preprocessor.patchifier.proj.weight']!, [8, 12]);
    const projected = linear(patches, kernel, weights['preprocessor.patchifier.proj.bias']!);
    expect(await largestDifference(tokens, tf.add(projected, positions))).toBeLessThanOrEqual(1e-6);
    expect(() => run({ 'trunk.blocks.0.norm_2.weight': undefined })).toThrow(
      'no parameter trunk.blocks.0.norm_2.weight',
    );
  });

  it('features are the mean of the last six blocks, or of all', async () => {
    const mean = async (blocks: number) => {
      const outputs = Array.from({ length: blocks }, (_, i) => tf.fill([1, 1, 1], i));
      const nothing = tf.zeros([1, 1, 1]) as tf.Tensor3D;
      return (await aimFeatures({ tokens: nothing, blocks: outputs, last: nothing }).data())[0];
    };
    expect(await mean(8)).toBeCloseTo(4.5, 5);
    expect(await mean(2)).toBeCloseTo(0.5, 5);
  });

  it('starts with deviations by the number of inputs and outputs', () => {
    const specs = { ...aimSpecs(small), ...aimHeadSpecs(small, head) };
    for (const [name, inputs, outputs] of [
      ['preprocessor.patchifier.proj', 12, 8],
      ['trunk.blocks.1.attn.qkv', 8, 24],
      ['trunk.blocks.1.attn.proj', 8, 8],
      ['trunk.blocks.0.mlp.fc1', 8, 32],
      ['trunk.blocks.0.mlp.fc2', 32, 8],
      ['head.fc1', 8, 6],
      ['head.blocks.1.mlp.fc1', 6, 24],
      ['head.blocks.1.mlp.fc2', 24, 6],
      ['head.fc2', 6, 12],
    ] as const) {
      expect(specs[`${name}.weight`]?.initial, name).toEqual({ normal: Math.sqrt(2 / (inputs + outputs)) });
    }
    expect('head.blocks.2.norm.weight' in specs).toBe(false);
    const biases = Object.keys(specs).filter((name) => /^trunk.*(attn|mlp).*bias/.test(name));
    expect(biases).toEqual([]);
  });
});
