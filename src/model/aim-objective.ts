import * as tf from '@tensorflow/tfjs-core';
import { type AimConfig, aimTrunk, glorot, prefixMask } from './aim.js';
import { activate, layerNorm, linear } from './layers/index.js';
import { linearSpecs, normSpecs, type ParameterSpecs, type Parameters, under } from './parameters.js';

/** The head that pre-training predicts pixels with: `depth` MLP blocks of a width of their own. */
export interface AimHeadConfig {
  readonly hidden: number;
  readonly depth: number;
}

/** Keeps the pixels of a patch of one colour finite (He et al., 2021, whose rule AIM follows). */
const PIXEL_EPSILON = 1e-6;
/** The head's MLP blocks widen by it, as the trunk's do (El-Nouby et al., 2024, section 4). */
const HEAD_RATIO = 4;

/**
 * Predicts pixels, patch by patch (El-Nouby et al., 2024, section 4): an MLP, whose hidden layer holds as many residual
 * MLP blocks as the weights have, or one linear layer if they have `head.weight`.
 * @param x the trunk's output, [batch, patches, width]
 * @returns [batch, patches, 3 x patch x patch]
 */
export function aimHead(parameters: Parameters, config: AimConfig, x: tf.Tensor3D): tf.Tensor3D {
  const p = under(parameters, 'head.');
  const project = (name: string, y: tf.Tensor) => linear(y, p(`${name}weight`), p(`${name}bias`));
  if ('head.weight' in parameters) return project('', x) as tf.Tensor3D;

  let hidden = activate('gelu', project('fc1.', x)); // [batch, patches, hidden]
  for (let i = 0; `head.blocks.${i}.norm.weight` in parameters; i++) {
    const block = `blocks.${i}.`;
    const normed = layerNorm(hidden, p(`${block}norm.weight`), p(`${block}norm.bias`), config.layer_norm_eps);
    const wide = activate('gelu', project(`${block}mlp.fc1.`, normed)); // [batch, patches, ratio x hidden]
    hidden = tf.add(hidden, project(`${block}mlp.fc2.`, wide));
  }
  return project('fc2.', hidden) as tf.Tensor3D;
}

/**
 * What the head predicts: each patch's pixels less their mean, over their deviation (El-Nouby et al., 2024, section 3,
 * after He et al., 2021, whose variance is the unbiased one).
 * @param patches [batch, patches, 3 x patch x patch], each in (channel, row, column) order
 * @returns [batch, patches, patch x patch x 3], each in (row, column, channel) order
 */
export function normalisedPixels(patches: tf.Tensor3D): tf.Tensor3D {
  const [batch, count, size] = patches.shape;
  const channelsLast = tf.transpose(tf.reshape(patches, [batch * count, 3, size / 3]), [0, 2, 1]);
  const pixels = tf.reshape(channelsLast, [batch, count, size]);
  const centred = tf.sub(pixels, tf.mean(pixels, -1, true));
  const variance = tf.mul(tf.sum(tf.square(centred), -1, true), 1 / (size - 1)); // [batch, patches, 1]
  return tf.div(centred, tf.sqrt(tf.add(variance, PIXEL_EPSILON))) as tf.Tensor3D;
}

/**
 * Mean squared error of each patch but the first, predicted from what the trunk made of the patch before it.
 * @param prediction of the head, [batch, patches, pixels]
 * @param target of `normalisedPixels`, [batch, patches, pixels]
 * @returns [batch, patches - 1]
 */
export function patchLosses(prediction: tf.Tensor3D, target: tf.Tensor3D): tf.Tensor2D {
  const [batch, count, size] = prediction.shape;
  const guessed = tf.slice(prediction, [0, 0, 0], [batch, count - 1, size]);
  const next = tf.slice(target, [0, 1, 0], [batch, count - 1, size]);
  return tf.mean(tf.square(tf.sub(guessed, next)), -1) as tf.Tensor2D;
}

/** One batch of pictures. */
export type AimBatch = {
  /** [batch, patches, 3 x patch x patch], in raster order */
  readonly patches: tf.Tensor3D;
  /** Row-major numbers of the patches in the whole grid, [batch, patches] int32 */
  readonly kept: tf.Tensor2D;
  /** 0 in the prefix, 1 behind it, [batch, patches] float32 */
  readonly predicted: tf.Tensor2D;
};

/**
 * AIM's loss (El-Nouby et al., 2024, section 3): the mean over the patches behind the prefixes of the next patch's error.
 * @param losses of `patchLosses`, [batch, patches - 1]
 * @param predicted [batch, patches]
 */
export function autoregressiveLoss(losses: tf.Tensor2D, predicted: tf.Tensor2D): tf.Scalar {
  const counted = tf.slice(predicted, [0, 1], losses.shape);
  return tf.div(tf.sum(tf.mul(losses, counted)), tf.sum(counted)) as tf.Scalar;
}

/** The loss of a batch, from its patches. */
export function aimLoss(parameters: Parameters, config: AimConfig, grid: number, batch: AimBatch): tf.Scalar {
  const { patches, kept, predicted } = batch;
  const mask = prefixMask(predicted);
  const { last } = aimTrunk(parameters, config, patches, { rows: grid, columns: grid, kept }, mask);
  const prediction = aimHead(parameters, config, last);
  return autoregressiveLoss(patchLosses(prediction, normalisedPixels(patches)), predicted);
}

/** Weights of the head and how each starts. */
export function aimHeadSpecs(config: AimConfig, { hidden, depth }: AimHeadConfig): ParameterSpecs {
  const pixels = 3 * config.patch_size ** 2;
  const layer = (name: string, inputs: number, outputs: number) =>
    linearSpecs(`head.${name}`, inputs, outputs, glorot(inputs, outputs));
  const specs = layer('fc1', config.embed_dim, hidden);
  for (let i = 0; i < depth - 1; i++) {
    Object.assign(
      specs,
      normSpecs(`head.blocks.${i}.norm`, hidden),
      layer(`blocks.${i}.mlp.fc1`, hidden, HEAD_RATIO * hidden),
      layer(`blocks.${i}.mlp.fc2`, HEAD_RATIO * hidden, hidden),
    );
  }
  return { ...specs, ...layer('fc2', hidden, pixels) };
}
