import * as tf from '@tensorflow/tfjs-core';

/** Settings of AdamW that hold for a whole training. */
export interface AdamWConfig {
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  readonly weightDecay: number;
  /** Global norm that gradients are clipped to; none clips nothing. */
  readonly clip: number | null;
}

/** Weights and moments, each [total] in the order of a layout. */
export type AdamWState = {
  readonly weights: tf.Tensor1D;
  readonly mean: tf.Tensor1D;
  readonly square: tf.Tensor1D;
};

/** What each scalar of the weights has of its own, [total]. */
export type AdamWGroups = {
  /** Multiplies the learning rate. */
  readonly rate: tf.Tensor1D;
  /** Multiplies the decay: 1 for matrices, 0 for biases, gains and lone vectors. */
  readonly decay: tf.Tensor1D;
};

/** What changes from update to update: fed as tensors, so that a traced step need not be traced again. */
export type AdamWScalars = {
  readonly learningRate: tf.Scalar;
  /** 1 - beta1 ** t */
  readonly correction1: tf.Scalar;
  /** 1 - beta2 ** t */
  readonly correction2: tf.Scalar;
};

/** Scalars of update t, from 1. */
export function adamWScalars(config: AdamWConfig, t: number, learningRate: number): AdamWScalars {
  return {
    learningRate: tf.scalar(learningRate),
    correction1: tf.scalar(1 - config.beta1 ** t),
    correction2: tf.scalar(1 - config.beta2 ** t),
  };
}

/** State before the first update. */
export function adamWStart(weights: tf.Tensor1D): AdamWState {
  return { weights, mean: tf.zerosLike(weights), square: tf.zerosLike(weights) };
}

/**
 * One update of AdamW (Loshchilov and Hutter, 2017) after clipping by global norm, as torch.optim.AdamW and
 * torch.nn.utils.clip_grad_norm_: decay is multiplied by the learning rate and falls on the weights as they were.
 * @param gradient [total]
 * @returns the new state and the gradient's norm before clipping
 */
export function adamW(
  config: AdamWConfig,
  groups: AdamWGroups,
  state: AdamWState,
  gradient: tf.Tensor1D,
  scalars: AdamWScalars,
): { state: AdamWState; gradientNorm: tf.Scalar } {
  const { beta1, beta2 } = config;
  const gradientNorm = tf.sqrt(tf.sum(tf.square(gradient))) as tf.Scalar;
  const g =
    config.clip === null ? gradient : tf.mul(gradient, tf.minimum(tf.div(config.clip, tf.add(gradientNorm, 1e-6)), 1));

  const mean: tf.Tensor1D = tf.add(tf.mul(state.mean, beta1), tf.mul(g, 1 - beta1));
  const square: tf.Tensor1D = tf.add(tf.mul(state.square, beta2), tf.mul(tf.square(g), 1 - beta2));
  const rate = tf.mul(groups.rate, scalars.learningRate); // [total]
  const decayed = tf.mul(state.weights, tf.sub(1, tf.mul(tf.mul(rate, groups.decay), config.weightDecay)));
  const deviation = tf.add(tf.div(tf.sqrt(square), tf.sqrt(scalars.correction2)), config.epsilon);
  const step = tf.mul(tf.div(rate, scalars.correction1), tf.div(mean, deviation));
  const weights: tf.Tensor1D = tf.sub(decayed, step);
  return { state: { weights, mean, square }, gradientNorm };
}
