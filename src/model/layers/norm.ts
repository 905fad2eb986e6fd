import * as tf from '@tensorflow/tfjs-core';
import { hasWholeLayer, runWholeLayer } from './whole-layer.js';

// The gradients are written in closed form: automatic differentiation of the forward ops makes three
// times as many passes over memory, and these layers are bound by memory.

function sumToWidth(x: tf.Tensor): tf.Tensor {
  return tf.sum(tf.reshape(x, [-1, x.shape[x.rank - 1]!]), 0);
}

/**
 * Layer normalisation over the last axis (Ba et al., 2016), as torch.nn.LayerNorm.
 * @param x [..., width]
 * @param gain [width]
 * @param bias [width]
 * @returns [..., width]
 */
export function layerNorm(x: tf.Tensor, gain: tf.Tensor, bias: tf.Tensor, epsilon: number): tf.Tensor {
  const op = tf.customGrad((input, weight, offset, save) => {
    const a = input as tf.Tensor;
    const w = weight as tf.Tensor;
    if (hasWholeLayer('LayerNorm')) {
      const [y, mean, inverse] = runWholeLayer('LayerNorm', { x: a, gain: w, bias: offset as tf.Tensor }, { epsilon });
      (save as tf.GradSaveFunc)([a, w, mean!, inverse!]);
      return { value: y!, gradFunc: layerNormGradient };
    }
    const centred = tf.sub(a, tf.mean(a, -1, true));
    const inverse = tf.rsqrt(tf.add(tf.mean(tf.square(centred), -1, true), epsilon)); // [..., 1]
    const normal = tf.mul(centred, inverse);
    (save as tf.GradSaveFunc)([normal, inverse, w]);
    return {
      value: tf.add(tf.mul(normal, w), offset as tf.Tensor),
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => {
        const [n, i, g] = saved as [tf.Tensor, tf.Tensor, tf.Tensor];
        const dn = tf.mul(dy, g);
        const alongNormal = tf.mul(n, tf.mean(tf.mul(dn, n), -1, true));
        const dx = tf.mul(tf.sub(tf.sub(dn, tf.mean(dn, -1, true)), alongNormal), i);
        return [dx, sumToWidth(tf.mul(dy, n)), sumToWidth(dy)];
      },
    };
  });
  return op(x, gain, bias);
}

function layerNormGradient(dy: tf.Tensor, saved: readonly tf.Tensor[]): tf.Tensor[] {
  const [x, gain, mean, inverse] = saved as [tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor];
  return runWholeLayer('LayerNormGrad', { dy, x, gain, mean, inverse });
}

/**
 * Root-mean-square normalisation over the last axis (Zhang and Sennrich, 2019), as Llama's.
 * @param x [..., width]
 * @param gain [width]
 * @returns [..., width]
 */
export function rmsNorm(x: tf.Tensor, gain: tf.Tensor, epsilon: number): tf.Tensor {
  const op = tf.customGrad((input, weight, save) => {
    const a = input as tf.Tensor;
    const w = weight as tf.Tensor;
    if (hasWholeLayer('RmsNorm')) {
      const [y, inverse] = runWholeLayer('RmsNorm', { x: a, gain: w }, { epsilon });
      (save as tf.GradSaveFunc)([a, w, inverse!]);
      return { value: y!, gradFunc: rmsNormGradient };
    }
    const inverse = tf.rsqrt(tf.add(tf.mean(tf.square(a), -1, true), epsilon)); // [..., 1]
    const normal = tf.mul(a, inverse);
    (save as tf.GradSaveFunc)([normal, inverse, w]);
    return {
      value: tf.mul(normal, w),
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => {
        const [n, i, g] = saved as [tf.Tensor, tf.Tensor, tf.Tensor];
        const dn = tf.mul(dy, g);
        const dx = tf.mul(tf.sub(dn, tf.mul(n, tf.mean(tf.mul(dn, n), -1, true))), i);
        return [dx, sumToWidth(tf.mul(dy, n))];
      },
    };
  });
  return op(x, gain);
}

function rmsNormGradient(dy: tf.Tensor, saved: readonly tf.Tensor[]): tf.Tensor[] {
  const [x, gain, inverse] = saved as [tf.Tensor, tf.Tensor, tf.Tensor];
  return runWholeLayer('RmsNormGrad', { dy, x, gain, inverse });
}
