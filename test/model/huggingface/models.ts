import type * as tf from '@tensorflow/tfjs-core';
import { type ClipConfig, clipSpecs } from '../../../src/model/clip.js';
import { initialise } from '../../../src/model/parameters.js';

/** A CLIP whose every size differs from the others. */
export const CLIP: ClipConfig = {
  text: {
    vocab_size: 13,
    hidden_size: 6,
    intermediate_size: 10,
    num_hidden_layers: 1,
    num_attention_heads: 3,
    max_position_embeddings: 7,
    hidden_act: 'gelu',
    layer_norm_eps: 1e-3,
  },
  vision: {
    hidden_size: 8,
    intermediate_size: 12,
    num_hidden_layers: 2,
    num_attention_heads: 2,
    image_size: 12,
    patch_size: 4,
    hidden_act: 'quick_gelu',
    layer_norm_eps: 1e-4,
    pooling: 'class',
  },
  projection_dim: 5,
};

export const TOKENS = { bos_token_id: 1, eos_token_id: 12, pad_token_id: 0 };

export function clipWeights(): Record<string, tf.Tensor> {
  return initialise(clipSpecs(CLIP), 1);
}
