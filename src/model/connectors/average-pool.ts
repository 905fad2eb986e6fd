import type * as tf from '@tensorflow/tfjs-core';
import { adaptiveAveragePool, linear } from '../layers/index.js';
import { linearSpecs, under } from '../parameters.js';
import type { Connector } from './connector.js';

/**
 * Average pooling of the grid of patches, then a linear layer (MM1, section 3.1, "VL connector"). 8 x 8 does not divide
 * 378 px's 27 x 27 patches, and MM1 does not say what it does there: here adaptive bins, as in torch.
 */
export const averagePool: Connector = {
  specs: (config) =>
    linearSpecs('linear', config.encoder_hidden_size, config.output_hidden_size, config.encoder_hidden_size ** -0.5),

  forward(parameters, config, features) {
    const p = under(parameters, 'linear.');
    const pooled = adaptiveAveragePool(features, Math.sqrt(config.tokens)); // [batch, tokens, encoder width]
    return linear(pooled, p('weight'), p('bias')) as tf.Tensor3D; // [batch, tokens, output width]
  },
};
