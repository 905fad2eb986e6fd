import * as tf from '@tensorflow/tfjs-core';
import {
  activate,
  attend,
  embedding,
  linear,
  mergeHeads,
  type Rotation,
  rmsNorm,
  rotate,
  rotation,
  splitHeads,
} from './layers/index.js';
import { type ParameterSpecs, type Parameters, under } from './parameters.js';

/** Sizes of the language model; names as in Hugging Face's LlamaConfig. */
export interface DecoderConfig {
  readonly vocab_size: number;
  readonly hidden_size: number;
  readonly intermediate_size: number;
  readonly num_hidden_layers: number;
  readonly num_attention_heads: number;
  readonly num_key_value_heads: number;
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
  /** Added to attention scores; broadcasts to [batch, heads, tokens, keys], cached keys first. */
  readonly mask: tf.Tensor;
  /** Keys and values of the tokens before these, a layer each. */
  readonly cache?: readonly LayerCache[];
}

/** What the decoder gives. */
export interface DecoderOutput {
  /** Input of each layer, then the output of the last norm: each [batch, tokens, width]. */
  readonly hiddenStates: tf.Tensor3D[];
  /** After the last norm, [batch, tokens, width]. */
  readonly last: tf.Tensor3D;
  /** Keys and values of all tokens so far. */
  readonly cache: LayerCache[];
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

/** Pre-norm decoder with rotary positions, SwiGLU and grouped queries (Llama; Touvron et al., 2023, section 2.2). */
export function decoder(parameters: Parameters, config: DecoderConfig, input: DecoderInput): DecoderOutput {
  const head = config.hidden_size / config.num_attention_heads;
  const turns = rotation(input.positions, head, config.rope_theta);
  let x: tf.Tensor3D = input.embeddings; // [batch, tokens, width]
  const hiddenStates: tf.Tensor3D[] = [];
  const cache: LayerCache[] = [];
  for (let i = 0; i < config.num_hidden_layers; i++) {
    hiddenStates.push(x);
    const layer = decoderLayer(parameters, config, i, x, turns, input.mask, input.cache?.[i]);
    x = layer.x;
    cache.push(layer.cache);
  }
  const last = rmsNorm(x, under(parameters, 'model.')('norm.weight'), config.rms_norm_eps) as tf.Tensor3D;
  hiddenStates.push(last);
  return { hiddenStates, last, cache };
}

function decoderLayer(
  parameters: Parameters,
  config: DecoderConfig,
  index: number,
  x: tf.Tensor3D,
  turns: Rotation,
  mask: tf.Tensor,
  past: LayerCache | undefined,
): { x: tf.Tensor3D; cache: LayerCache } {
  const p = under(parameters, `model.layers.${index}.`);
  const { num_attention_heads: heads, num_key_value_heads: shared, rms_norm_eps: epsilon } = config;

  const before = rmsNorm(x, p('input_layernorm.weight'), epsilon);
  const q = rotate(splitHeads(linear(before, p('self_attn.q_proj.weight')), heads), turns); // [batch, heads, tokens, head]
  const k = rotate(splitHeads(linear(before, p('self_attn.k_proj.weight')), shared), turns);
  const v = splitHeads(linear(before, p('self_attn.v_proj.weight')), shared);
  const keys = past ? tf.concat([past.keys, k], 2) : k; // [batch, key-value heads, keys, head]
  const values = past ? tf.concat([past.values, v], 2) : v;
  const times = heads / shared;
  const attended = mergeHeads(attend(q, repeatHeads(keys, times), repeatHeads(values, times), mask));
  const middle = tf.add(x, linear(attended, p('self_attn.o_proj.weight'))) as tf.Tensor3D;

  const normed = rmsNorm(middle, p('post_attention_layernorm.weight'), epsilon);
  const gate = activate('silu', linear(normed, p('mlp.gate_proj.weight'))); // [batch, tokens, intermediate]
  const wide = tf.mul(gate, linear(normed, p('mlp.up_proj.weight')));
  return { x: tf.add(middle, linear(wide, p('mlp.down_proj.weight'))), cache: { keys, values } };
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

/** Weights of the decoder and how each starts: deviation 0.02, outputs of residual branches scaled by depth (GPT-2). */
export function decoderSpecs(config: DecoderConfig): ParameterSpecs {
  const { hidden_size: width, intermediate_size: wide, num_hidden_layers: layers } = config;
  const shared = (width / config.num_attention_heads) * config.num_key_value_heads;
  const deviation = width ** -0.5;
  const residual = deviation * (2 * layers) ** -0.5;
  const matrix = (outputs: number, inputs: number, normal: number) => ({
    shape: [outputs, inputs],
    initial: { normal },
  });
  const gain = { shape: [width], initial: { constant: 1 } };
  const specs: ParameterSpecs = { 'model.embed_tokens.weight': matrix(config.vocab_size, width, 0.02) };
  for (let i = 0; i < layers; i++) {
    const layer = `model.layers.${i}`;
    specs[`${layer}.input_layernorm.weight`] = gain;
    specs[`${layer}.self_attn.q_proj.weight`] = matrix(width, width, deviation);
    specs[`${layer}.self_attn.k_proj.weight`] = matrix(shared, width, deviation);
    specs[`${layer}.self_attn.v_proj.weight`] = matrix(shared, width, deviation);
    specs[`${layer}.self_attn.o_proj.weight`] = matrix(width, width, residual);
    specs[`${layer}.post_attention_layernorm.weight`] = gain;
    specs[`${layer}.mlp.gate_proj.weight`] = matrix(wide, width, deviation);
    specs[`${layer}.mlp.up_proj.weight`] = matrix(wide, width, deviation);
    specs[`${layer}.mlp.down_proj.weight`] = matrix(width, wide, wide ** -0.5 * (2 * layers) ** -0.5);
  }
  specs['model.norm.weight'] = gain;
  if (!config.tie_word_embeddings) specs['lm_head.weight'] = matrix(config.vocab_size, width, 0.02);
  return specs;
}
