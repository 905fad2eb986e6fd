import * as tf from '@tensorflow/tfjs-core';

/** Where rows of a table come to stand, told from both sides; each row of the table stands in one place at most. */
export type Places = {
  /** Row of the table that stands in each place, [places] int32. */
  readonly from: tf.Tensor1D;
  /** Place in which each row of the table stands, or the number of places where it stands in none, [rows] int32. */
  readonly to: tf.Tensor1D;
};

/**
 * Takes rows of a table. Since no row is taken twice, the gradient is a gather as well, and no scatter, which wasm lacks:
 * a place that `to` does not name gives its row no gradient.
 * @param table [rows, width]
 * @returns [places, width]
 */
export function takeRows(table: tf.Tensor2D, { from, to }: Places): tf.Tensor2D {
  const op = tf.customGrad((rows, save) => {
    (save as tf.GradSaveFunc)([to]);
    return {
      value: tf.gather(rows as tf.Tensor2D, from),
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => {
        const nowhere = tf.zeros([1, dy.shape[1]!]);
        return tf.gather(tf.concat([dy as tf.Tensor2D, nowhere as tf.Tensor2D]), saved[0] as tf.Tensor1D);
      },
    };
  });
  return op(table) as tf.Tensor2D;
}
