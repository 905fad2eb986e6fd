import type * as tf from '@tensorflow/tfjs-core';
import { linear } from '../layers/index.js';
import { linearSpecs, under } from '../parameters.js';
import { poolHeads } from './attention-pool.js';
import type { Connector } from './connector.js';
import { perceiverResampler, perceiverSpecs } from './perceiver.js';

/** Layers: Idefics2's three (Laurençon et al., 2024), where Flamingo has six beside a far larger model. */
export const RESAMPLER_DEPTH = 3;

/**
 * Flamingo's perceiver resampler as open_flamingo has it, then a linear layer. It is attention-pool with depth: its latents
 * read the patches again in each layer, knowing what they read before. Of the published forms this one is taken since it is
 * Flamingo's own, with GELU and no norm inside the heads. MM1 does not ablate it.
 */
export const resampler: Connector = {
  specs: ({ encoder_hidden_size: width, output_hidden_size: output, tokens }) => ({
    ...perceiverSpecs(width, tokens, RESAMPLER_DEPTH),
    ...linearSpecs('linear', width, output, width ** -0.5),
  }),

  forward(parameters, config, features) {
    const latents = perceiverResampler(parameters, poolHeads(config.encoder_hidden_size), features);
    const p = under(parameters, 'linear.');
    return linear(latents, p('weight'), p('bias')) as tf.Tensor3D; // [batch, tokens, output width]
  },
};
