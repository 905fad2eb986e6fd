import * as tf from '@tensorflow/tfjs-core';

/** First place of each of `output` bins over `input` places, as torch's adaptive_avg_pool2d: floor(i in / out). */
function binStarts(input: number, output: number): number[] {
  return Array.from({ length: output }, (_, i) => Math.floor((i * input) / output));
}

/**
 * Multiplies the rows and then the columns of a square grid of tokens by one matrix.
 * @param x [batch, in x in, width], row-major
 * @param values the matrix, [out, in], row-major
 * @returns [batch, out x out, width]
 */
function alongBothSides(x: tf.Tensor, values: Float32Array, output: number): tf.Tensor3D {
  const [batch, tokens, width] = x.shape as [number, number, number];
  const input = Math.sqrt(tokens);
  const matrix = tf.tensor2d(values, [output, input]);
  // One product over all pictures at once: a batched product with a shared left factor has no right gradient in tfjs.
  const product = (grid: tf.Tensor) => tf.matMul(matrix, tf.reshape(grid, [input, -1]) as tf.Tensor2D);
  const byRow = tf.transpose(tf.reshape(x, [batch, input, input * width]), [1, 0, 2]); // [in, batch, in x width]
  const rows = tf.reshape(product(byRow), [output, batch, input, width]);
  const byColumn = tf.transpose(rows, [2, 0, 1, 3]); // [in, out, batch, width]
  const grid = tf.reshape(product(byColumn), [output, output, batch, width]); // columns first
  return tf.reshape(tf.transpose(grid, [2, 1, 0, 3]), [batch, output * output, width]);
}

/**
 * Adaptive average pooling of a square grid of tokens, as torch's adaptive_avg_pool2d: bin i covers the rows
 * floor(i in / out) to ceil((i + 1) in / out) - 1, so bins overlap where the sides do not divide (27 to 8).
 * @param x [batch, in x in, width], row-major
 * @param output side of the pooled grid
 * @returns [batch, out x out, width]
 */
export function adaptiveAveragePool(x: tf.Tensor, output: number): tf.Tensor3D {
  const input = Math.sqrt(x.shape[1]!);
  const values = new Float32Array(output * input);
  binStarts(input, output).forEach((start, i) => {
    const end = Math.ceil(((i + 1) * input) / output);
    values.fill(1 / (end - start), i * input + start, i * input + end);
  });
  return alongBothSides(x, values, output);
}

/**
 * Lays windows of a square grid of tokens side by side. Window i starts where adaptive pooling's bin i starts, and all are
 * ceil(in / out) wide: the last one ends at the edge, every token is in at least one, and some are in two where the sides
 * do not divide. Where they divide, it is the grid itself.
 * @param x [batch, in x in, width], row-major
 * @param output windows along one side
 * @returns [batch, (out x side) x (out x side), width], with side = ceil(in / out)
 */
export function adaptiveWindows(x: tf.Tensor3D, output: number): tf.Tensor3D {
  const input = Math.sqrt(x.shape[1]);
  if (input % output === 0) return x;
  const side = Math.ceil(input / output);
  const values = new Float32Array(output * side * input);
  binStarts(input, output).forEach((start, i) => {
    for (let j = 0; j < side; j++) values[(i * side + j) * input + start + j] = 1;
  });
  return alongBothSides(x, values, output * side);
}
