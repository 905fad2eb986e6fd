import { basename, join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { openEngine } from '../../src/engine/index.js';
import { clip, contrastiveLoss, textTransformer } from '../../src/model/clip.js';
import { visionTransformer } from '../../src/model/vision-transformer.js';
import { cases, expectGradients, largestDifference, readCase, readTensors } from './golden.js';

beforeAll(async () => {
  await openEngine();
});

/** [batch, 3, side, side] -> [batch, patches, 3 x patch x patch] */
function patchesOf(pixels: tf.Tensor, patch: number): tf.Tensor3D {
  const [batch, channels, side] = pixels.shape as [number, number, number];
  const grid = side / patch;
  const split = tf.reshape(pixels, [batch, channels, grid, patch, grid, patch]);
  return tf.reshape(tf.transpose(split, [0, 2, 4, 1, 3, 5]), [batch, grid * grid, channels * patch * patch]);
}

const folders = cases('clip-vit');
describe.each(folders.filter((f) => readCase(f).weight_tensors['embeddings.class_embedding']))(
  'vision tower equals CLIPVisionModel: %s',
  (folder) => {
    it('hidden states, pooled output, loss and gradients', () => {
      const { config, loss } = readCase(folder);
      const weights = readTensors(join(folder, 'model.safetensors'));
      const io = readTensors(join(folder, 'io.safetensors'));
      const patches = patchesOf(io.pixel_values!, config.patch_size);
      const forward = (p: Record<string, tf.Tensor>) =>
        visionTransformer(p, '', { ...config, pooling: 'class' }, patches);
      const { hiddenStates, pooled } = forward(weights);
      hiddenStates.forEach((x, i) => {
        expect(largestDifference(x, io[`hidden_states.${i}`]!), `state ${i}`).toBeLessThanOrEqual(2e-5);
      });
      expect(largestDifference(pooled, io.pooler_output!)).toBeLessThanOrEqual(2e-5);
      const f = (p: Record<string, tf.Tensor>) => {
        const output = forward(p);
        const last = output.hiddenStates[output.hiddenStates.length - 1]!;
        return tf.add(tf.mean(tf.square(last)), tf.mean(tf.square(output.pooled))) as tf.Scalar;
      };
      expectGradients(f, weights, loss, { loss: 5e-6, relative: 5e-5 });
    });
  },
);

describe.each(folders.filter((f) => readCase(f).weight_tensors.logit_scale))(`CLIP equals CLIPModel: %s`, (folder) => {
  it('embeddings, logits, loss and gradients', () => {
    const { config, loss } = readCase(folder);
    const weights = readTensors(join(folder, 'model.safetensors'));
    const io = readTensors(join(folder, 'io.safetensors'));
    const whole = {
      vision: { ...config.vision, pooling: 'class' as const },
      text: config.text,
      projection_dim: config.projection_dim,
    };
    const ids = io.input_ids as tf.Tensor2D;
    const rows = ids.arraySync();
    const ends = tf.tensor1d(
      rows.map((row) => row.indexOf(config.text.eos_token_id)),
      'int32',
    );
    const batch = { patches: patchesOf(io.pixel_values!, config.vision.patch_size), ids, ends };
    const output = clip(weights, whole, batch);
    expect(largestDifference(output.imageEmbeddings, io.image_embeds!)).toBeLessThanOrEqual(2e-5);
    expect(largestDifference(output.textEmbeddings, io.text_embeds!)).toBeLessThanOrEqual(2e-5);
    expect(largestDifference(output.logits, io.logits_per_image!)).toBeLessThanOrEqual(2e-5);
    const f = (p: Record<string, tf.Tensor>) => contrastiveLoss(clip(p, whole, batch).logits);
    expectGradients(f, weights, loss, { loss: 5e-6, relative: 5e-5 });
    expect(basename(folder)).toBeTruthy();
  });

  it('text that ends early is read at its own end', () => {
    const { config } = readCase(folder);
    const weights = readTensors(join(folder, 'model.safetensors'));
    const eos = config.text.eos_token_id;
    const read = (row: number[]) =>
      textTransformer(
        weights,
        config.text,
        tf.tensor2d([row], [1, row.length], 'int32'),
        tf.tensor1d([row.indexOf(eos)], 'int32'),
      );
    expect(largestDifference(read([5, 7, eos, 0, 0]), read([5, 7, eos, 9, 3]))).toBeLessThanOrEqual(1e-6);
  });
});
