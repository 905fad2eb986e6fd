import * as tf from '@tensorflow/tfjs-core';

const SIDE = 3;

/**
 * Depthwise 3x3 convolution, stride 1, zero padding 1, no bias: torch.nn.Conv2d(c, c, 3, padding=1, groups=c). It is written
 * as nine shifted products, and so are both of its gradients: wasm has no back-propagation kernels for it, and a compiler
 * makes one pass of them, where it takes a grouped convolution for a dense one.
 * @param x [batch, height, width, channels]
 * @param weight [channels, 1, 3, 3]
 * @returns [batch, height, width, channels]
 */
export function depthwise3x3(x: tf.Tensor4D, weight: tf.Tensor): tf.Tensor4D {
  const op = tf.customGrad((input, kernel, save) => {
    const a = input as tf.Tensor4D;
    const rows = tf.reshape(kernel as tf.Tensor, [-1, SIDE * SIDE]) as tf.Tensor2D; // [channels, 9]
    const w = tf.transpose(rows) as tf.Tensor2D; // [9, channels]
    (save as tf.GradSaveFunc)([a, w]);
    return {
      value: convolve(a, w),
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => {
        const [before, taps] = saved as [tf.Tensor4D, tf.Tensor2D];
        const sums = shifted(before).map((each) => tf.sum(tf.mul(each, dy), [0, 1, 2])); // [channels] each
        const dw = tf.reshape(tf.transpose(tf.stack(sums)), [-1, 1, SIDE, SIDE]);
        return [convolve(dy as tf.Tensor4D, tf.reverse(taps, 0)), dw]; // the kernel turned by 180 degrees
      },
    };
  });
  return op(x, weight) as tf.Tensor4D;
}

/** @param taps [9, channels], row by row */
function convolve(x: tf.Tensor4D, taps: tf.Tensor2D): tf.Tensor4D {
  const rows = tf.unstack(taps); // [channels] each
  return shifted(x)
    .map((each, i) => tf.mul(each, rows[i]!))
    .reduce((sum, each) => tf.add(sum, each)) as tf.Tensor4D;
}

/** A picture's neighbours in each direction, row by row: nine of its own shape. */
function shifted(x: tf.Tensor4D): tf.Tensor[] {
  const padded = tf.pad(x, [
    [0, 0],
    [1, 1],
    [1, 1],
    [0, 0],
  ]);
  return Array.from({ length: SIDE * SIDE }, (_, i) =>
    tf.slice(padded, [0, Math.floor(i / SIDE), i % SIDE, 0], x.shape),
  );
}
