import * as tf from '@tensorflow/tfjs-core';
import { hasWholeLayer, runWholeLayer } from './whole-layer.js';

/**
 * Rows of a table by id. The gradient adds up rows of one id where the engine can, always in the same order; elsewhere it is a one-hot
 * product: wasm has no scatter-add to train with, and a GPU's adds in another order each time.
 * @param table [entries, width]
 * @param ids [...], int32
 * @returns [..., width]
 */
export function embedding(table: tf.Tensor, ids: tf.Tensor): tf.Tensor {
  const op = tf.customGrad((rows, save) => {
    const entries = (rows as tf.Tensor).shape[0]!;
    (save as tf.GradSaveFunc)([ids]);
    return {
      value: tf.gather(rows as tf.Tensor, ids),
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => {
        const used = tf.reshape(saved[0]!, [-1]) as tf.Tensor1D;
        const flat = tf.reshape(dy, [-1, dy.shape[dy.rank - 1]!]) as tf.Tensor2D; // [ids, width]
        if (hasWholeLayer('RowSums')) {
          return runWholeLayer('RowSums', { rows: flat, ids: used, count: tf.scalar(entries, 'int32') })[0]!;
        }
        const chosen = tf.oneHot(used, entries) as tf.Tensor2D; // [ids, entries]
        return tf.matMul(tf.cast(chosen, 'float32'), flat, true, false); // [entries, width]
      },
    };
  });
  return op(table);
}
