import * as tf from '@tensorflow/tfjs-core';
import { hasWholeLayer, runWholeLayer } from './whole-layer.js';

/**
 * Cross-entropy of each row, -log softmax(logits)[target]. The gradient is written in closed form, softmax minus one-hot:
 * over a vocabulary, automatic differentiation makes four times as many passes.
 * @param logits [rows, classes]
 * @param targets [rows] int32
 * @returns [rows]
 */
export function crossEntropy(logits: tf.Tensor2D, targets: tf.Tensor1D): tf.Tensor1D {
  const op = tf.customGrad((input, save) => {
    const x = input as tf.Tensor2D;
    if (hasWholeLayer('CrossEntropy')) {
      const [losses, total] = runWholeLayer('CrossEntropy', { x, targets });
      (save as tf.GradSaveFunc)([x, total!, targets]);
      return { value: losses!, gradFunc: crossEntropyGradient };
    }
    const [rows, classes] = x.shape;
    const largest = tf.max(x, 1, true); // [rows, 1]
    const total = tf.add(tf.log(tf.sum(tf.exp(tf.sub(x, largest)), 1, true)), largest); // [rows, 1]
    const places = tf.add(tf.mul(tf.range(0, rows, 1, 'int32'), tf.scalar(classes, 'int32')), targets);
    const right = tf.gather(tf.reshape(x, [-1]), places as tf.Tensor1D); // [rows]
    (save as tf.GradSaveFunc)([x, total, targets]);
    return {
      value: tf.sub(tf.reshape(total, [rows]), right),
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => {
        const [scores, sums, wanted] = saved as [tf.Tensor2D, tf.Tensor2D, tf.Tensor1D];
        const expected = tf.cast(tf.oneHot(wanted, classes), 'float32'); // [rows, classes]
        const off = tf.sub(tf.exp(tf.sub(scores, sums)), expected);
        return tf.mul(off, tf.reshape(dy, [rows, 1]));
      },
    };
  });
  return op(logits) as tf.Tensor1D;
}

function crossEntropyGradient(dy: tf.Tensor, saved: readonly tf.Tensor[]): tf.Tensor {
  const [x, total, targets] = saved as [tf.Tensor, tf.Tensor, tf.Tensor];
  return runWholeLayer('CrossEntropyGrad', { dy, x, targets, total })[0]!;
}
