import * as tf from '@tensorflow/tfjs-core';
import type { Parameters } from '../model/parameters.js';

/** Settings of AdamW that hold for a whole training. */
export interface AdamWConfig {
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  readonly weightDecay: number;
  /** Global norm that gradients are clipped to; none clips nothing. */
  readonly clip: number | null;
}

/** Weights and their moments, under one name each. */
export type AdamWState = {
  readonly weights: Parameters;
  readonly mean: Parameters;
  readonly square: Parameters;
};

/** What each weight has of its own. */
export interface AdamWGroups {
  /** Multiplies the learning rate. */
  rate(name: string): number;
  /** Multiplies the decay. */
  decay(name: string): number;
}

/** What changes from update to update: fed as tensors, so that a step is compiled once. */
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
export function adamWStart(weights: Parameters): AdamWState {
  const zeros = () => mapped(weights, (weight) => tf.zerosLike(weight));
  return { weights, mean: zeros(), square: zeros() };
}

/**
 * One update of AdamW (Loshchilov and Hutter, 2017) after clipping by global norm, as torch.optim.AdamW and
 * torch.nn.utils.clip_grad_norm_: decay is multiplied by the learning rate and falls on the weights as they were.
 * @param gradients of every weight, under its name
 * @returns the new state and the gradients' norm before clipping
 */
export function adamW(
  config: AdamWConfig,
  groups: AdamWGroups,
  state: AdamWState,
  gradients: Parameters,
  { learningRate, correction1, correction2 }: AdamWScalars,
): { state: AdamWState; gradientNorm: tf.Scalar } {
  const { beta1, beta2, epsilon, weightDecay, clip } = config;
  const squares = Object.values(gradients).map((gradient) => tf.sum(tf.square(gradient)));
  const gradientNorm = tf.sqrt(tf.addN(squares)) as tf.Scalar;
  const shrink = clip === null ? null : tf.minimum(tf.div(clip, tf.add(gradientNorm, 1e-6)), 1);
  const clipped = mapped(gradients, (gradient) => (shrink ? tf.mul(gradient, shrink) : gradient));

  const mean = mapped(clipped, (g, name) => tf.add(tf.mul(state.mean[name]!, beta1), tf.mul(g, 1 - beta1)));
  const square = mapped(clipped, (g, name) =>
    tf.add(tf.mul(state.square[name]!, beta2), tf.mul(tf.square(g), 1 - beta2)),
  );
  const weights = mapped(state.weights, (weight, name) => {
    const rate = tf.mul(learningRate, groups.rate(name));
    const decay = groups.decay(name) * weightDecay;
    const decayed = decay === 0 ? weight : tf.mul(weight, tf.sub(1, tf.mul(rate, decay)));
    const deviation = tf.add(tf.div(tf.sqrt(square[name]!), tf.sqrt(correction2)), epsilon);
    return tf.sub(decayed, tf.mul(tf.div(rate, correction1), tf.div(mean[name]!, deviation)));
  });
  return { state: { weights, mean, square }, gradientNorm };
}

/** Something made of each of some named tensors, under its name. */
export function mapped(
  tensors: Parameters,
  make: (tensor: tf.Tensor, name: string) => tf.Tensor,
): Record<string, tf.Tensor> {
  return Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [name, make(tensor, name)]));
}
