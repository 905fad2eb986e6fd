import * as tf from '@tensorflow/tfjs-core';

/**
 * Depthwise 3x3 convolution, stride 1, zero padding 1, no bias: torch.nn.Conv2d(c, c, 3, padding=1, groups=c).
 * Where an engine has no back-propagation kernels for it, as wasm, both gradients are written with forward kernels: the
 * input's is the same convolution with the kernel turned by 180 degrees, the kernel's is nine sums of shifted products.
 * @param x [batch, height, width, channels]
 * @param weight [channels, 1, 3, 3]
 * @returns [batch, height, width, channels]
 */
export function depthwise3x3(x: tf.Tensor4D, weight: tf.Tensor): tf.Tensor4D {
  if (tf.getKernel(tf.DepthwiseConv2dNativeBackpropFilter, tf.getBackend())) {
    return tf.depthwiseConv2d(x, tf.transpose(weight, [2, 3, 0, 1]) as tf.Tensor4D, 1, 'same');
  }
  const op = tf.customGrad((input, kernel, save) => {
    const a = input as tf.Tensor4D;
    const w = tf.transpose(kernel as tf.Tensor, [2, 3, 0, 1]) as tf.Tensor4D; // [3, 3, channels, 1]
    (save as tf.GradSaveFunc)([a, w]);
    return {
      value: tf.depthwiseConv2d(a, w, 1, 'same'),
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => {
        const [input4, kernel4] = saved as [tf.Tensor4D, tf.Tensor4D];
        const dx = tf.depthwiseConv2d(dy as tf.Tensor4D, tf.reverse(kernel4, [0, 1]), 1, 'same');
        return [dx, kernelGradient(input4, dy as tf.Tensor4D)];
      },
    };
  });
  return op(x, weight) as tf.Tensor4D;
}

function kernelGradient(x: tf.Tensor4D, dy: tf.Tensor4D): tf.Tensor {
  const [batch, height, width, channels] = x.shape;
  const padded = tf.pad(x, [
    [0, 0],
    [1, 1],
    [1, 1],
    [0, 0],
  ]) as tf.Tensor4D;
  const sums: tf.Tensor[] = [];
  for (let row = 0; row < 3; row++) {
    for (let column = 0; column < 3; column++) {
      const shifted = tf.slice(padded, [0, row, column, 0], [batch, height, width, channels]);
      sums.push(tf.sum(tf.reshape(tf.mul(shifted, dy), [-1, channels]), 0)); // [channels]
    }
  }
  return tf.reshape(tf.transpose(tf.stack(sums)), [channels, 1, 3, 3]);
}
