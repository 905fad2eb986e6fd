import type * as tf from '@tensorflow/tfjs-core';
import { activate, linear } from '../layers/index.js';
import { linearSpecs, under } from '../parameters.js';
import type { Connector } from './connector.js';

/**
 * Linear, exact GELU, linear on each patch: every patch becomes a visual token (LLaVA-1.5; Liu et al., 2023, "Improved
 * Baselines with Visual Instruction Tuning", section 3). Names as in Hugging Face's LlavaMultiModalProjector. MM1 does not
 * have it: all its connectors reduce the patches to 64 or 144 tokens (section 3.1).
 */
export const mlp: Connector = {
  specs: ({ encoder_hidden_size: width, output_hidden_size: output }) => ({
    ...linearSpecs('linear_1', width, output, width ** -0.5),
    ...linearSpecs('linear_2', output, output, output ** -0.5),
  }),

  forward(parameters, _config, features) {
    const p = under(parameters, '');
    const wide = activate('gelu', linear(features, p('linear_1.weight'), p('linear_1.bias')));
    return linear(wide, p('linear_2.weight'), p('linear_2.bias')) as tf.Tensor3D; // [batch, patches, output width]
  },
};
