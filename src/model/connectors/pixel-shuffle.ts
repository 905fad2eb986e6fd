import * as tf from '@tensorflow/tfjs-core';
import { adaptiveWindows, linear } from '../layers/index.js';
import { under } from '../parameters.js';
import type { Connector } from './connector.js';

/**
 * Space to depth: each window of side x side tokens becomes one token, their widths one after another in row-major order.
 * @param x [batch, grid x grid, width], row-major; side divides grid
 * @returns [batch, (grid / side) x (grid / side), side x side x width]
 */
export function spaceToDepth(x: tf.Tensor3D, side: number): tf.Tensor3D {
  const [batch, tokens, width] = x.shape;
  const windows = Math.sqrt(tokens) / side;
  const apart = tf.reshape(x, [batch * windows, side, windows, side * width]); // [batch x row, y, column, x x width]
  const together = tf.transpose(apart, [0, 2, 1, 3]); // [batch x row, column, y, x x width]
  return tf.reshape(together, [batch, windows * windows, side * side * width]);
}

/** Side of the window that one visual token is made of. */
function windowSide(grid: number, tokens: number): number {
  return Math.ceil(grid / Math.sqrt(tokens));
}

/**
 * Space to depth, then one linear layer without bias: InternVL (Chen et al., 2024, "How Far Are We to GPT-4V?", section
 * 3.1, where a norm and an MLP follow), here with what follows in Idefics3 (Laurençon et al., 2024, "Building and better
 * understanding vision-language models"), and its names. Both have grids that divide; elsewhere (27 to 8) neighbouring
 * windows share patches. MM1 does not ablate it.
 */
export const pixelShuffle: Connector = {
  specs({ encoder_hidden_size: width, output_hidden_size: output, grid, tokens }) {
    const inputs = windowSide(grid, tokens) ** 2 * width;
    return {
      'modality_projection.proj.weight': { shape: [output, inputs], initial: { normal: inputs ** -0.5 } },
    };
  },

  forward(parameters, { grid, tokens }, features) {
    const windows = adaptiveWindows(features, Math.sqrt(tokens)); // [batch, (side x windows)^2, encoder width]
    const deep = spaceToDepth(windows, windowSide(grid, tokens)); // [batch, tokens, side x side x encoder width]
    return linear(deep, under(parameters, 'modality_projection.proj.')('weight')) as tf.Tensor3D; // [.., output width]
  },
};
