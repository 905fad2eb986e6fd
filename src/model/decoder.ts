import * as tf from '@tensorflow/tfjs-core';
import {
  activate,
  attend,
  embedding,
  linear,
  type Mask,
  mergeHeads,
  type Rotation,
  rmsNorm,
  rotate,
  rotation,
  splitHeads,
} from './layers/index.js';
import { hasExperts, type MixtureConfig, mixtureOfExperts, mixtureSpecs } from './mixture-of-experts.js';
import { type Lookup, type ParameterSpecs, type Parameters, under } from './parameters.js';

/** Sizes of the language model; names as in Hugging Face's LlamaConfig. Without experts all its layers are dense. */
export interface DecoderConfig extends Partial<MixtureConfig> {
  readonly vocab_size: number;
  readonly hidden_size: number;
  readonly intermediate_size: number;
  readonly num_hidden_layers: number;
  readonly num_attention_heads: number;
  /** Divides the number of heads. */
  readonly num_key_value_heads: number;
  /** Width of one head; hidden_size / num_attention_heads where it is not given. */
  readonly head_dim?: number | null;
  /** Whether the four projections of attention have biases. */
  readonly attention_bias?: boolean;
  /** Whether the dense layers' three projections have biases; experts have none. */
  readonly mlp_bias?: boolean;
  readonly rms_norm_eps: number;
  readonly rope_theta: number;
  readonly tie_word_embeddings: boolean;
}

/** Keys and values of one layer, each [batch, key-value heads, tokens, head]. */
export type LayerCache = {
  readonly keys: tf.Tensor4D;
  readonly values: tf.Tensor4D;
};

/** What the decoder reads. */
export interface DecoderInput {
  /** [batch, tokens, width] */
  readonly embeddings: tf.Tensor3D;
  /** [batch, tokens], float32 or int32 */
  readonly positions: tf.Tensor2D;
  /** Who may see whom of [batch, heads, tokens, keys], cached keys first. */
  readonly mask: Mask;
  /** Keys and values of the tokens before these, a layer each. */
  readonly cache?: readonly LayerCache[];
  /**
   * Place in the cache that the keys and values of one token a row are put in, 1 there and 0 elsewhere, [1, 1, keys, 1]: the
   * cache keeps its length. Without it they are put behind the cache.
   */
  readonly place?: tf.Tensor;
  /** Keys and values of what every row of the batch follows on, a layer each, of one row; no part of the mask. */
  readonly shared?: readonly LayerCache[];
  /** Added to the scores of the shared keys, [1, 1, 1, tokens]. */
  readonly sharedMask?: tf.Tensor;
}

/** What the decoder gives. */
export interface DecoderOutput {
  /** Input of each layer, then the output of the last norm: each [batch, tokens, width]. */
  readonly hiddenStates: tf.Tensor3D[];
  /** After the last norm, [batch, tokens, width]. */
  readonly last: tf.Tensor3D;
  /** Keys and values of all tokens so far. */
  readonly cache: LayerCache[];
  /** What each layer of experts routes by, each [batch x tokens, experts]; none where all layers are dense. */
  readonly routerLogits: tf.Tensor2D[];
}

/** Width of one head. */
function headWidth(config: DecoderConfig): number {
  return config.head_dim ?? config.hidden_size / config.num_attention_heads;
}

/** Repeats each key-value head for the query heads that share it (Ainslie et al., 2023). */
function repeatHeads(x: tf.Tensor4D, times: number): tf.Tensor4D {
  if (times === 1) return x;
  const [batch, heads, tokens, head] = x.shape;
  const flat = tf.reshape(x, [batch, heads, 1, tokens * head]);
  return tf.reshape(tf.tile(flat, [1, 1, times, 1]), [batch, heads * times, tokens, head]);
}

/** Embeds token ids: [batch, tokens] int32 -> [batch, tokens, width]. */
export function embedTokens(parameters: Parameters, ids: tf.Tensor2D): tf.Tensor3D {
  return embedding(under(parameters, 'model.')('embed_tokens.weight'), ids) as tf.Tensor3D;
}

/**
 * Pre-norm decoder with rotary positions, SwiGLU and grouped queries (Llama; Touvron et al., 2023, section 2.2); with
 * experts in place of the SwiGLU of some layers where the sizes say so (Mixtral; Jiang et al., 2024).
 * @param parameters weights by their names in a Hugging Face checkpoint
 */
export function decoder(parameters: Parameters, config: DecoderConfig, input: DecoderInput): DecoderOutput {
  const turns = rotation(input.positions, headWidth(config), config.rope_theta);
  let x: tf.Tensor3D = input.embeddings; // [batch, tokens, width]
  const hiddenStates: tf.Tensor3D[] = [];
  const cache: LayerCache[] = [];
  const routerLogits: tf.Tensor2D[] = [];
  for (let i = 0; i < config.num_hidden_layers; i++) {
    const p = under(parameters, `model.layers.${i}.`);
    hiddenStates.push(x);
    const normed = rmsNorm(x, p('input_layernorm.weight'), config.rms_norm_eps) as tf.Tensor3D;
    const attention = selfAttention(p, config, normed, turns, input, i);
    cache.push(attention.cache);
    x = tf.add(x, attention.y);

    const between = rmsNorm(x, p('post_attention_layernorm.weight'), config.rms_norm_eps) as tf.Tensor3D;
    if (hasExperts(config, i)) {
      const block = mixtureOfExperts((name) => p(`block_sparse_moe.${name}`), config, between);
      routerLogits.push(block.routerLogits);
      x = tf.add(x, block.y);
    } else x = tf.add(x, swiglu(p, config, between));
  }
  const last = rmsNorm(x, under(parameters, 'model.')('norm.weight'), config.rms_norm_eps) as tf.Tensor3D;
  hiddenStates.push(last);
  return { hiddenStates, last, cache, routerLogits };
}

/** Grouped-query attention over these tokens and those before them. x: [batch, tokens, width] */
function selfAttention(
  p: Lookup,
  config: DecoderConfig,
  x: tf.Tensor3D,
  turns: Rotation,
  { mask, cache, place, shared, sharedMask }: DecoderInput,
  layer: number,
): { y: tf.Tensor3D; cache: LayerCache } {
  const { num_attention_heads: heads, num_key_value_heads: groups } = config;
  const project = (name: string, y: tf.Tensor) =>
    linear(y, p(`self_attn.${name}.weight`), config.attention_bias ? p(`self_attn.${name}.bias`) : undefined);
  const q = rotate(splitHeads(project('q_proj', x), heads), turns); // [batch, heads, tokens, head]
  const k = rotate(splitHeads(project('k_proj', x), groups), turns);
  const v = splitHeads(project('v_proj', x), groups);
  const past = cache?.[layer];
  const join = (before: tf.Tensor4D | undefined, own: tf.Tensor4D): tf.Tensor4D => {
    if (!before) return own;
    return place ? tf.add(tf.mul(before, tf.sub(1, place)), tf.mul(own, place)) : tf.concat([before, own], 2);
  };
  const keys = join(past?.keys, k); // [batch, key-value heads, keys, head]
  const values = join(past?.values, v);
  const repeated = (each: LayerCache): LayerCache => ({
    keys: repeatHeads(each.keys, heads / groups),
    values: repeatHeads(each.values, heads / groups),
  });
  const own = repeated({ keys, values });
  const first = shared && { ...repeated(shared[layer]!), ...(sharedMask && { mask: sharedMask }) };
  const attended = mergeHeads(attend(q, own.keys, own.values, mask, first)); // [batch, tokens, heads x head]
  return { y: project('o_proj', attended) as tf.Tensor3D, cache: { keys, values } };
}

/** down(silu(gate(x)) up(x)) (Shazeer, 2020). x: [batch, tokens, width] */
function swiglu(p: Lookup, config: DecoderConfig, x: tf.Tensor3D): tf.Tensor3D {
  const project = (name: string, y: tf.Tensor) =>
    linear(y, p(`mlp.${name}.weight`), config.mlp_bias ? p(`mlp.${name}.bias`) : undefined);
  const wide = tf.mul(activate('silu', project('gate_proj', x)), project('up_proj', x)); // [batch, tokens, intermediate]
  return project('down_proj', wide) as tf.Tensor3D;
}

/**
 * Scores of every next token.
 * @param last [batch, tokens, width]
 * @returns [batch, tokens, vocabulary]
 */
export function vocabularyLogits(parameters: Parameters, config: DecoderConfig, last: tf.Tensor): tf.Tensor3D {
  const p = under(parameters, '');
  const table = config.tie_word_embeddings ? p('model.embed_tokens.weight') : p('lm_head.weight');
  return linear(last, table) as tf.Tensor3D;
}

/**
 * Weights of the decoder and how each starts: matrices with deviation 1 / sqrt(inputs), outputs of residual branches
 * scaled by depth too (GPT-2), embeddings with 0.02, biases at 0.
 */
export function decoderSpecs(config: DecoderConfig): ParameterSpecs {
  const { hidden_size: width, intermediate_size: wide, num_hidden_layers: layers } = config;
  const queries = headWidth(config) * config.num_attention_heads;
  const shared = headWidth(config) * config.num_key_value_heads;
  const reading = width ** -0.5;
  const residual = (2 * layers) ** -0.5;
  const specs: ParameterSpecs = {};
  const project = (name: string, outputs: number, inputs: number, normal: number, bias = false) => {
    specs[`${name}.weight`] = { shape: [outputs, inputs], initial: { normal } };
    if (bias) specs[`${name}.bias`] = { shape: [outputs], initial: { constant: 0 } };
  };
  const norm = (name: string) => {
    specs[`${name}.weight`] = { shape: [width], initial: { constant: 1 } };
  };
  project('model.embed_tokens', config.vocab_size, width, 0.02);
  for (let i = 0; i < layers; i++) {
    const layer = `model.layers.${i}`;
    norm(`${layer}.input_layernorm`);
    project(`${layer}.self_attn.q_proj`, queries, width, reading, config.attention_bias);
    project(`${layer}.self_attn.k_proj`, shared, width, reading, config.attention_bias);
    project(`${layer}.self_attn.v_proj`, shared, width, reading, config.attention_bias);
    project(`${layer}.self_attn.o_proj`, width, queries, queries ** -0.5 * residual, config.attention_bias);
    norm(`${layer}.post_attention_layernorm`);
    const writing = wide ** -0.5 * residual;
    if (hasExperts(config, i)) {
      const block = `${layer}.block_sparse_moe`;
      Object.assign(specs, mixtureSpecs(block, config.num_local_experts, width, wide, { reading, writing }));
    } else {
      project(`${layer}.mlp.gate_proj`, wide, width, reading, config.mlp_bias);
      project(`${layer}.mlp.up_proj`, wide, width, reading, config.mlp_bias);
      project(`${layer}.mlp.down_proj`, width, wide, writing, config.mlp_bias);
    }
  }
  norm('model.norm');
  if (!config.tie_word_embeddings) project('lm_head', config.vocab_size, width, 0.02);
  return specs;
}
