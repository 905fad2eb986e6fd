import * as tf from '@tensorflow/tfjs-core';

/**
 * Weights of adaptive average pooling of a square grid, as torch's adaptive_avg_pool2d: bin i covers the rows
 * floor(i in / out) to ceil((i + 1) in / out) - 1, so bins overlap where the sides do not divide (27 to 8).
 * @returns [out x out, in x in], row-major
 */
function poolingMatrix(input: number, output: number): Float32Array {
  const start = (i: number) => Math.floor((i * input) / output);
  const end = (i: number) => Math.ceil(((i + 1) * input) / output);
  const matrix = new Float32Array(output * output * input * input);
  for (let row = 0; row < output; row++) {
    for (let column = 0; column < output; column++) {
      const weight = 1 / ((end(row) - start(row)) * (end(column) - start(column)));
      for (let y = start(row); y < end(row); y++) {
        for (let x = start(column); x < end(column); x++) {
          matrix[(row * output + column) * input * input + y * input + x] = weight;
        }
      }
    }
  }
  return matrix;
}

/**
 * Adaptive average pooling of a square grid of tokens.
 * @param x [batch, in x in, width], row-major
 * @param output side of the pooled grid
 * @returns [batch, out x out, width]
 */
export function adaptiveAveragePool(x: tf.Tensor, output: number): tf.Tensor3D {
  const [batch, tokens, width] = x.shape as [number, number, number];
  const input = Math.sqrt(tokens);
  const matrix = tf.tensor(poolingMatrix(input, output), [output * output, tokens]);
  // One product over all pictures at once: a batched product with a shared left factor has no right gradient in tfjs.
  const columns = tf.reshape(tf.transpose(x, [1, 0, 2]), [tokens, batch * width]); // [in x in, batch x width]
  const pooled = tf.matMul(matrix as tf.Tensor2D, columns as tf.Tensor2D); // [out x out, batch x width]
  return tf.transpose(tf.reshape(pooled, [output * output, batch, width]), [1, 0, 2]) as tf.Tensor3D;
}
