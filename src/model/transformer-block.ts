import * as tf from '@tensorflow/tfjs-core';
import { type Activation, activate, attend, layerNorm, linear, mergeHeads, splitHeads } from './layers/index.js';
import { type Lookup, linearSpecs, normSpecs, type ParameterSpecs } from './parameters.js';

/** Sizes of one tower of CLIP, with the names of Hugging Face's config.json. */
export interface TowerConfig {
  readonly hidden_size: number;
  readonly intermediate_size: number;
  readonly num_hidden_layers: number;
  readonly num_attention_heads: number;
  readonly hidden_act: Activation;
  readonly layer_norm_eps: number;
}

/**
 * One pre-norm block of CLIP's towers (Radford et al., 2021, section 2.4): attention, then a two-layer MLP, each added
 * to what it read.
 * @param p weights of `encoder.layers.N.`
 * @param x [batch, tokens, width]
 * @param mask added to the attention scores
 */
export function transformerBlock(p: Lookup, config: TowerConfig, x: tf.Tensor, mask?: tf.Tensor): tf.Tensor {
  const heads = config.num_attention_heads;
  const project = (name: string, input: tf.Tensor) =>
    linear(input, p(`self_attn.${name}.weight`), p(`self_attn.${name}.bias`));

  // What either half holds along the way goes at its end, unless a gradient will need it.
  const middle = tf.tidy(() => {
    const before = layerNorm(x, p('layer_norm1.weight'), p('layer_norm1.bias'), config.layer_norm_eps);
    const q = splitHeads(project('q_proj', before), heads); // [batch, heads, tokens, head]
    const k = splitHeads(project('k_proj', before), heads);
    const v = splitHeads(project('v_proj', before), heads);
    const attended = mergeHeads(attend(q, k, v, mask)); // [batch, tokens, width]
    return tf.add(x, project('out_proj', attended));
  });
  return tf.tidy(() => {
    const normed = layerNorm(middle, p('layer_norm2.weight'), p('layer_norm2.bias'), config.layer_norm_eps);
    const wide = activate(config.hidden_act, linear(normed, p('mlp.fc1.weight'), p('mlp.fc1.bias'))); // [.., 4 width]
    return tf.add(middle, linear(wide, p('mlp.fc2.weight'), p('mlp.fc2.bias')));
  });
}

/** Weights of a stack of blocks; deviations as in CLIP (Radford et al., 2021; scaled by width and depth). */
export function transformerSpecs(prefix: string, config: TowerConfig): ParameterSpecs {
  const { hidden_size: width, intermediate_size: wide, num_hidden_layers: layers } = config;
  const attention = width ** -0.5;
  const output = attention * (2 * layers) ** -0.5;
  const specs: ParameterSpecs = {};
  for (let i = 0; i < layers; i++) {
    const layer = `${prefix}encoder.layers.${i}`;
    Object.assign(
      specs,
      normSpecs(`${layer}.layer_norm1`, width),
      linearSpecs(`${layer}.self_attn.q_proj`, width, width, attention),
      linearSpecs(`${layer}.self_attn.k_proj`, width, width, attention),
      linearSpecs(`${layer}.self_attn.v_proj`, width, width, attention),
      linearSpecs(`${layer}.self_attn.out_proj`, width, width, output),
      normSpecs(`${layer}.layer_norm2`, width),
      linearSpecs(`${layer}.mlp.fc1`, width, wide, (2 * width) ** -0.5),
      linearSpecs(`${layer}.mlp.fc2`, wide, width, output),
    );
  }
  return specs;
}
