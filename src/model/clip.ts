import * as tf from '@tensorflow/tfjs-core';
import { causalMask, embedding, layerNorm, linear } from './layers/index.js';
import { normSpecs, type ParameterSpecs, type Parameters, under } from './parameters.js';
import { type TowerConfig, transformerBlock, transformerSpecs } from './transformer-block.js';
import { type VisionConfig, visionSpecs, visionTransformer } from './vision-transformer.js';

/** The text tower; names as in Hugging Face's CLIPTextConfig. */
export interface TextConfig extends TowerConfig {
  readonly vocab_size: number;
  readonly max_position_embeddings: number;
}

/** Both towers and the space they share. */
export interface ClipConfig {
  readonly vision: VisionConfig;
  readonly text: TextConfig;
  readonly projection_dim: number;
}

/** exp of this is the largest factor that the cosines are multiplied by (Radford et al., 2021, section 2.5). */
const LARGEST_LOGIT_SCALE = Math.log(100);
/** The temperature starts at 0.07 (section 2.5). */
const FIRST_LOGIT_SCALE = Math.log(1 / 0.07);

/**
 * CLIP's text transformer: causal, read at the end-of-text token.
 * @param ids [batch, tokens] int32; what follows the end of text cannot reach it
 * @param ends position of each text's end-of-text token, [batch] int32
 * @returns [batch, width], after the last norm
 */
export function textTransformer(
  parameters: Parameters,
  config: TextConfig,
  ids: tf.Tensor2D,
  ends: tf.Tensor1D,
): tf.Tensor2D {
  const p = under(parameters, 'text_model.');
  const [batch, tokens] = ids.shape;
  const width = config.hidden_size;
  const positions = tf.slice(p('embeddings.position_embedding.weight'), [0, 0], [tokens, width]);
  let x = tf.add(embedding(p('embeddings.token_embedding.weight'), ids), positions); // [batch, tokens, width]
  const mask = causalMask(tokens);
  for (let i = 0; i < config.num_hidden_layers; i++) {
    x = transformerBlock(under(parameters, `text_model.encoder.layers.${i}.`), config, x, mask);
  }
  const at = tf.reshape(tf.oneHot(ends, tokens), [batch, tokens, 1]); // picks one token, with a gradient on every engine
  const end = tf.sum(tf.mul(x, tf.cast(at, 'float32')), 1); // [batch, width]
  const normed = layerNorm(end, p('final_layer_norm.weight'), p('final_layer_norm.bias'), config.layer_norm_eps);
  return normed as tf.Tensor2D;
}

function normalise(x: tf.Tensor): tf.Tensor2D {
  return tf.div(x, tf.sqrt(tf.sum(tf.square(x), -1, true))) as tf.Tensor2D;
}

/** One batch of pictures and their texts. */
export type ClipBatch = {
  /** [batch, patches, 3 x patch x patch] */
  readonly patches: tf.Tensor3D;
  /** Which patches of the grid these are, if not all: [patches] int32 */
  readonly kept?: tf.Tensor1D | undefined;
  /** [batch, tokens] int32 */
  readonly ids: tf.Tensor2D;
  /** [batch] int32 */
  readonly ends: tf.Tensor1D;
};

/** What CLIP makes of a batch. */
export interface ClipOutput {
  /** Unit vectors, [batch, projection]. */
  readonly imageEmbeddings: tf.Tensor2D;
  readonly textEmbeddings: tf.Tensor2D;
  /** Scaled cosine of every picture with every text, [pictures, texts]. */
  readonly logits: tf.Tensor2D;
}

/** Embeds pictures and texts into the shared space and compares each with each (Radford et al., 2021, figure 3). */
export function clip(parameters: Parameters, config: ClipConfig, batch: ClipBatch): ClipOutput {
  const { pooled } = visionTransformer(parameters, 'vision_model.', config.vision, batch.patches, batch.kept);
  const texts = textTransformer(parameters, config.text, batch.ids, batch.ends);
  return compare(parameters, pooled, texts);
}

/**
 * Projects what the towers pooled into the shared space and takes the scaled cosine of each with each.
 * @param pictures pictures or parts of them, after the vision tower's last norm, [pictures, vision width]
 * @param texts after the text tower's last norm, [texts, text width]
 */
export function compare(parameters: Parameters, pictures: tf.Tensor, texts: tf.Tensor): ClipOutput {
  const p = under(parameters, '');
  const imageEmbeddings = normalise(linear(pictures, p('visual_projection.weight'))); // [pictures, projection]
  const textEmbeddings = normalise(linear(texts, p('text_projection.weight'))); // [texts, projection]
  const scale = tf.exp(tf.minimum(p('logit_scale'), LARGEST_LOGIT_SCALE));
  const logits = tf.mul(tf.matMul(imageEmbeddings, textEmbeddings, false, true), scale); // [pictures, texts]
  return { imageEmbeddings, textEmbeddings, logits: logits as tf.Tensor2D };
}

/**
 * The mean of the two cross-entropies, picture to text and text to picture, whose targets are the diagonal
 * (Radford et al., 2021, figure 3).
 * @param logits [pictures, texts], square
 */
export function contrastiveLoss(logits: tf.Tensor2D): tf.Scalar {
  const pairs = logits.shape[0];
  const diagonal = tf.eye(pairs);
  const right = tf.mul(tf.sum(tf.mul(logits, diagonal)), 1 / pairs);
  const overTexts = tf.mean(tf.logSumExp(logits, 1));
  const overImages = tf.mean(tf.logSumExp(logits, 0));
  return tf.sub(tf.mul(tf.add(overTexts, overImages), 0.5), right) as tf.Scalar;
}

/** Weights of both towers and how each starts. */
export function clipSpecs(config: ClipConfig): ParameterSpecs {
  const { text, vision, projection_dim: shared } = config;
  return {
    logit_scale: { shape: [], initial: { constant: FIRST_LOGIT_SCALE } },
    'text_model.embeddings.token_embedding.weight': {
      shape: [text.vocab_size, text.hidden_size],
      initial: { normal: 0.02 },
    },
    'text_model.embeddings.position_embedding.weight': {
      shape: [text.max_position_embeddings, text.hidden_size],
      initial: { normal: 0.01 },
    },
    ...transformerSpecs('text_model.', text),
    ...normSpecs('text_model.final_layer_norm', text.hidden_size),
    'text_projection.weight': { shape: [shared, text.hidden_size], initial: { normal: text.hidden_size ** -0.5 } },
    ...visionSpecs('vision_model.', vision),
    'visual_projection.weight': {
      shape: [shared, vision.hidden_size],
      initial: { normal: vision.hidden_size ** -0.5 },
    },
  };
}
