import * as tf from '@tensorflow/tfjs-core';

/** Sharpness of torch's bicubic kernel. */
const A = -0.75;

/** Keys' cubic convolution kernel (Keys, 1981, equation 4), with torch's a. */
function cubic(distance: number): number {
  const x = Math.abs(distance);
  if (x <= 1) return (A + 2) * x ** 3 - (A + 3) * x ** 2 + 1;
  if (x < 2) return A * (x ** 3 - 5 * x ** 2 + 8 * x - 4);
  return 0;
}

/**
 * Weights of bicubic interpolation along one side, as torch's interpolate with align_corners=False and without
 * antialiasing: the centres of the pixels of both sides are laid over each other, and the border is repeated outwards.
 * @returns [output, input], row-major
 */
function bicubicMatrix(input: number, output: number): Float32Array {
  const matrix = new Float32Array(output * input);
  for (let i = 0; i < output; i++) {
    const centre = ((i + 0.5) * input) / output - 0.5;
    const first = Math.floor(centre) - 1;
    for (let at = first; at < first + 4; at++) {
      const inside = Math.min(Math.max(at, 0), input - 1);
      matrix[i * input + inside]! += cubic(centre - at);
    }
  }
  return matrix;
}

/**
 * Position embeddings of a vision tower for another grid: the class token's stays, the patches' are interpolated as a
 * picture (Dosovitskiy et al., 2020, section 3.2; transformers' interpolate_pos_encoding).
 * @param weight [1 + grid x grid, width], row-major
 * @param grid side of the new grid, in patches
 * @returns [1 + grid x grid, width] of the new grid
 */
export function interpolatePositions(weight: tf.Tensor2D, grid: number): tf.Tensor2D {
  const [positions, width] = weight.shape;
  const old = Math.sqrt(positions - 1);
  if (!Number.isInteger(old)) throw new Error(`${positions} positions are no class token and a square grid`);
  return tf.tidy(() => {
    const matrix = tf.tensor2d(bicubicMatrix(old, grid), [grid, old]);
    const patches = tf.slice(weight, [1, 0], [old * old, width]);
    const rows = tf.matMul(matrix, tf.reshape(patches, [old, old * width])); // [new row, old column x width]
    const turned = tf.transpose(tf.reshape(rows, [grid, old, width]), [1, 0, 2]); // [old column, new row, width]
    const both = tf.matMul(matrix, tf.reshape(turned, [old, grid * width])); // [new column, new row x width]
    const square = tf.transpose(tf.reshape(both, [grid, grid, width]), [1, 0, 2]); // [new row, new column, width]
    const token = tf.slice(weight, [0, 0], [1, width]);
    return tf.concat([token, tf.reshape(square, [grid * grid, width])], 0) as tf.Tensor2D;
  });
}
