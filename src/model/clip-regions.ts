import * as tf from '@tensorflow/tfjs-core';
import { type ClipConfig, type ClipOutput, compare, textTransformer } from './clip.js';
import { FORBIDDEN, layerNorm } from './layers/index.js';
import { type Parameters, under } from './parameters.js';
import { patchFeatures, visionBlocks } from './vision-transformer.js';

/** One batch of pictures, parts of them and the phrases that name the parts. Every picture has the same number of slots. */
export type RegionBatch = {
  /** [pictures, kept, 3 x patch x patch] */
  readonly patches: tf.Tensor3D;
  /** Which patches of the grid these are: [pictures, kept] int32 */
  readonly kept: tf.Tensor2D;
  /** Share of each kept patch in each region, [pictures, slots, kept]; every row sums to 1, an empty slot's as well. */
  readonly cover: tf.Tensor3D;
  /** 1 where a slot holds a region, 0 where it is empty: [pictures x slots] */
  readonly filled: tf.Tensor1D;
  /** Which of the phrases names each region: [pictures x slots] int32; any, where the slot is empty */
  readonly names: tf.Tensor1D;
  /** Each distinct phrase once: [phrases, tokens] int32; phrases that name nothing do not count */
  readonly ids: tf.Tensor2D;
  /** [phrases] int32 */
  readonly ends: tf.Tensor1D;
};

/**
 * CLIP over regions. A region is the mean of the last block's patches under it, weighted by how much of each it covers, then
 * normed and projected as a whole picture that is pooled by averaging: a region that covers a whole picture is that picture.
 * @returns logits [pictures x slots, phrases]; an empty slot's row means nothing
 */
export function clipRegions(parameters: Parameters, config: ClipConfig, batch: RegionBatch): ClipOutput {
  const p = under(parameters, 'vision_model.');
  const { patches, kept, cover } = batch;
  const features = patchFeatures(visionBlocks(parameters, 'vision_model.', config.vision, patches, kept));
  const regions = tf.reshape(tf.matMul(cover, features), [-1, config.vision.hidden_size]); // [pictures x slots, width]
  const normed = layerNorm(regions, p('post_layernorm.weight'), p('post_layernorm.bias'), config.vision.layer_norm_eps);
  const phrases = textTransformer(parameters, config.text, batch.ids, batch.ends);
  return compare(parameters, normed, phrases);
}

/**
 * CLIP's loss where several regions may share a phrase. With regions i, y(i) the phrase that names i, and l(i, t) the scaled
 * cosine of region i with phrase t:
 *
 *   over phrases  -ln( e^l(i, y(i)) / sum of e^l(i, t) over the distinct phrases t that name some region )
 *   over regions  -ln( e^l(i, y(i)) / (e^l(i, y(i)) + sum of e^l(k, y(i)) over the regions k with another phrase) )
 *
 * and the loss is half their sum, averaged over the regions. So a phrase counts once however often it comes, and a region
 * that shares another's phrase is neither right nor wrong for it. Where no phrase repeats this is `contrastiveLoss`.
 * @param logits [slots, phrases]
 * @param filled 1 where a slot holds a region, [slots]; the others have no part. With none filled the loss is 0.
 * @param names which phrase names each region, [slots] int32
 */
export function regionLoss(logits: tf.Tensor2D, filled: tf.Tensor1D, names: tf.Tensor1D): tf.Scalar {
  const [slots, phrases] = logits.shape;
  const present = tf.reshape(filled, [slots, 1]);
  const named = tf.mul(tf.cast(tf.oneHot(names, phrases), 'float32'), present) as tf.Tensor2D; // [slots, phrases]
  const used = tf.max(named, 0, true); // [1, phrases]
  const right = tf.sum(tf.mul(logits, named), 1); // [slots]

  const unused = tf.mul(tf.sub(1, used), FORBIDDEN);
  const overPhrases = tf.sub(tf.logSumExp(tf.add(logits, unused), 1), right); // [slots]

  const notWrong = tf.mul(tf.add(named, tf.sub(1, present)), FORBIDDEN); // the phrase's own regions, and empty slots
  const wrong = tf.reshape(tf.logSumExp(tf.add(logits, notWrong), 0), [phrases, 1]);
  const wrongOf = tf.reshape(tf.matMul(named, wrong as tf.Tensor2D), [slots]); // of each region's own phrase
  const overRegions = tf.softplus(tf.sub(wrongOf, right)); // ln(e^right + e^wrong) - right

  const total = tf.sum(tf.mul(tf.add(overPhrases, overRegions), filled));
  return tf.div(tf.mul(total, 0.5), tf.maximum(tf.sum(filled), 1)) as tf.Scalar;
}
