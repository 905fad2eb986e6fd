import type * as tf from '@tensorflow/tfjs-core';
import { linear } from '../layers/index.js';
import { linearSpecs, under } from '../parameters.js';
import type { Connector } from './connector.js';

/**
 * One linear layer: every patch becomes a visual token (LLaVA; Liu et al., 2023, section 4.1). MM1 does not have it: all its
 * connectors reduce the patches to 64 or 144 tokens (section 3.1).
 */
export const linearProjection: Connector = {
  specs: ({ encoder_hidden_size: width, output_hidden_size: output }) =>
    linearSpecs('linear', width, output, width ** -0.5),

  forward(parameters, _config, features) {
    const p = under(parameters, 'linear.');
    return linear(features, p('weight'), p('bias')) as tf.Tensor3D; // [batch, patches, output width]
  },
};
