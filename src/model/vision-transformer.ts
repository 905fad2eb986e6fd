import * as tf from '@tensorflow/tfjs-core';
import { embedding, layerNorm } from './layers/index.js';
import { normSpecs, type ParameterSpecs, type Parameters, under } from './parameters.js';
import { type TowerConfig, transformerBlock, transformerSpecs } from './transformer-block.js';

/** A vision tower; names as in Hugging Face's CLIPVisionConfig, and `pooling`, which is ours. */
export interface VisionConfig extends TowerConfig {
  readonly image_size: number;
  readonly patch_size: number;
  /**
   * What stands for the whole picture: the class token, as in CLIP, or the mean of the patches, which gives every patch
   * a share of the contrastive loss and is what small encoders learn from (open_clip's `avg`).
   */
  readonly pooling: 'class' | 'average';
}

/** What a vision tower gives. */
export interface VisionOutput {
  /** Embeddings, then the output of each block: each [batch, 1 + patches, width]. */
  readonly hiddenStates: tf.Tensor3D[];
  /** The whole picture, after the last norm: [batch, width]. */
  readonly pooled: tf.Tensor2D;
}

/** Number of whole patches of a picture: a rest at its right and lower border is not seen, as by a strided convolution. */
export function patchCount(config: Pick<VisionConfig, 'image_size' | 'patch_size'>): number {
  return Math.floor(config.image_size / config.patch_size) ** 2;
}

/**
 * The blocks of CLIP's vision transformer (Radford et al., 2021; Dosovitskiy et al., 2020).
 * @param parameters weights under Hugging Face's names, after `prefix`
 * @param patches [batch, patches, 3 x patch x patch], each in (channel, row, column) order, normalised
 * @param kept which patches of the grid these are, of all pictures [patches] int32 or of each [batch, patches]; all of them, in
 *   order, if left out (FLIP, Li et al., 2023, trains on a part)
 * @returns embeddings, then the output of each block: each [batch, 1 + patches, width]
 */
export function visionBlocks(
  parameters: Parameters,
  prefix: string,
  config: VisionConfig,
  patches: tf.Tensor3D,
  kept?: tf.Tensor1D | tf.Tensor2D,
): tf.Tensor3D[] {
  const p = under(parameters, prefix);
  const [batch, count, size] = patches.shape;
  const width = config.hidden_size;

  const kernel = tf.reshape(p('embeddings.patch_embedding.weight'), [width, size]); // a stride-p convolution is a product
  const projected = tf.matMul(tf.reshape(patches, [-1, size]) as tf.Tensor2D, kernel as tf.Tensor2D, false, true);
  const tokens = tf.reshape(projected, [batch, count, width]); // [batch, patches, width]
  const table = p('embeddings.position_embedding.weight'); // [1 + patches, width]
  const [own, others] = tf.split(table, [1, table.shape[0]! - 1]) as [tf.Tensor, tf.Tensor]; // of the class token, of patches
  const first = tf.add(tf.reshape(p('embeddings.class_embedding'), [1, 1, width]), own); // [1, 1, width]
  const placed = tf.add(tokens, kept ? embedding(others, kept) : others); // [batch, patches, width]
  let x: tf.Tensor = tf.concat([tf.tile(first, [batch, 1, 1]), placed], 1); // [batch, 1 + patches, width]
  x = layerNorm(x, p('pre_layrnorm.weight'), p('pre_layrnorm.bias'), config.layer_norm_eps); // the hub's spelling

  const hiddenStates = [x as tf.Tensor3D];
  for (let i = 0; i < config.num_hidden_layers; i++) {
    x = transformerBlock(under(parameters, `${prefix}encoder.layers.${i}.`), config, x);
    hiddenStates.push(x as tf.Tensor3D);
  }
  return hiddenStates;
}

/** CLIP's vision transformer: the blocks, and what stands for the whole picture. Parameters as of `visionBlocks`. */
export function visionTransformer(
  parameters: Parameters,
  prefix: string,
  config: VisionConfig,
  patches: tf.Tensor3D,
  kept?: tf.Tensor1D,
): VisionOutput {
  const p = under(parameters, prefix);
  const hiddenStates = visionBlocks(parameters, prefix, config, patches, kept);
  const x = hiddenStates[hiddenStates.length - 1]!;
  const [batch, tokens, width] = x.shape;
  const whole =
    config.pooling === 'class'
      ? tf.reshape(tf.slice(x, [0, 0, 0], [batch, 1, width]), [batch, width])
      : tf.mean(tf.slice(x, [0, 1, 0], [batch, tokens - 1, width]), 1); // [batch, width]
  const pooled = layerNorm(whole, p('post_layernorm.weight'), p('post_layernorm.bias'), config.layer_norm_eps);
  return { hiddenStates, pooled: pooled as tf.Tensor2D };
}

/**
 * What a connector reads: the last block's patches, without the class token.
 * @returns [batch, patches, width]
 */
export function patchFeatures(hiddenStates: readonly tf.Tensor3D[]): tf.Tensor3D {
  const last = hiddenStates[hiddenStates.length - 1]!;
  const [batch, tokens, width] = last.shape;
  return tf.slice(last, [0, 1, 0], [batch, tokens - 1, width]);
}

/** Weights of the tower and how each starts. */
export function visionSpecs(prefix: string, config: VisionConfig): ParameterSpecs {
  const { hidden_size: width, patch_size: patch } = config;
  const deviation = width ** -0.5;
  return {
    [`${prefix}embeddings.class_embedding`]: { shape: [width], initial: { normal: deviation } },
    [`${prefix}embeddings.patch_embedding.weight`]: {
      shape: [width, 3, patch, patch],
      initial: { normal: (3 * patch * patch) ** -0.5 },
    },
    [`${prefix}embeddings.position_embedding.weight`]: {
      shape: [1 + patchCount(config), width],
      initial: { normal: deviation },
    },
    ...normSpecs(`${prefix}pre_layrnorm`, width),
    ...transformerSpecs(prefix, config),
    ...normSpecs(`${prefix}post_layernorm`, width),
  };
}
