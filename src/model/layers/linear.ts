import * as tf from '@tensorflow/tfjs-core';

/**
 * y = x W' + b, as torch.nn.Linear.
 * @param x [..., in]
 * @param weight [out, in]
 * @param bias [out], or none
 * @returns [..., out]
 */
export function linear(x: tf.Tensor, weight: tf.Tensor, bias?: tf.Tensor): tf.Tensor {
  const outputs = weight.shape[0]!;
  const rows = tf.reshape(x, [-1, x.shape[x.rank - 1]!]); // [rows, in]
  const product = tf.matMul(rows as tf.Tensor2D, weight as tf.Tensor2D, false, true); // [rows, out]
  const y = bias ? tf.add(product, bias) : product;
  return tf.reshape(y, [...x.shape.slice(0, -1), outputs]);
}
