import * as tf from '@tensorflow/tfjs-core';
import { activate, attend, layerNorm, linear, mergeHeads, splitHeads } from '../layers/index.js';
import { linearSpecs, normSpecs, type ParameterSpecs, type Parameters, under } from '../parameters.js';
import type { Connector } from './connector.js';

/** torch.nn.LayerNorm's default. */
const EPSILON = 1e-5;
const MLP_RATIO = 2;
/** Widths per head; MM1 does not say how many heads its connector has. */
const HEAD = 32;

/** Attention heads for a width: as many as divide it and leave each at least 32. */
export function poolHeads(width: number): number {
  let heads = Math.max(1, Math.floor(width / HEAD));
  while (width % heads !== 0) heads--;
  return heads;
}

/**
 * Learned queries that cross-attend to the patches, as timm's AttentionPoolLatent: queries of their own, no norm of the
 * input, no residual from the queries, then a residual MLP. Its options (positions, biases, norms of each head's queries and
 * keys, the norm before the MLP) are there where their weights are.
 * @param features [batch, patches, width]
 * @returns [batch, queries, width]
 */
export function attentionPoolLatent(parameters: Parameters, heads: number, features: tf.Tensor3D): tf.Tensor3D {
  const p = under(parameters, '');
  const norm = <T extends tf.Tensor>(name: string, x: T): T =>
    `${name}.weight` in parameters ? (layerNorm(x, p(`${name}.weight`), p(`${name}.bias`), EPSILON) as T) : x;
  const [batch, , width] = features.shape;

  const placed = parameters.pos_embed ? tf.add(features, parameters.pos_embed) : features; // [batch, patches, width]
  const queries = linear(p('latent'), p('q.weight'), parameters['q.bias']); // [1, queries, width]
  const q = norm('q_norm', splitHeads(tf.tile(queries, [batch, 1, 1]), heads)); // [batch, heads, queries, head]
  const both = linear(placed, p('kv.weight'), parameters['kv.bias']); // [batch, patches, 2 width]
  const [keys, values] = tf.split(both, [width, width], 2) as [tf.Tensor, tf.Tensor];
  const k = norm('k_norm', splitHeads(keys, heads)); // [batch, heads, patches, head]
  const attended = mergeHeads(attend(q, k, splitHeads(values, heads)));
  const x = linear(attended, p('proj.weight'), p('proj.bias')); // [batch, queries, width]
  const normed = norm('norm', x);
  const wide = activate('gelu', linear(normed, p('mlp.fc1.weight'), p('mlp.fc1.bias'))); // [batch, queries, 2 width]
  return tf.add(x, linear(wide, p('mlp.fc2.weight'), p('mlp.fc2.bias')));
}

function latentSpecs(width: number, queries: number): ParameterSpecs {
  const deviation = width ** -0.5;
  return {
    latent: { shape: [1, queries, width], initial: { normal: deviation } },
    ...linearSpecs('q', width, width, deviation),
    ...linearSpecs('kv', width, 2 * width, deviation),
    ...linearSpecs('proj', width, width, deviation),
    ...normSpecs('norm', width),
    ...linearSpecs('mlp.fc1', width, MLP_RATIO * width, deviation),
    ...linearSpecs('mlp.fc2', MLP_RATIO * width, width, (MLP_RATIO * width) ** -0.5),
  };
}

/**
 * k learned queries attend to the patches, then a linear layer (MM1, section 3.1, "VL connector"). MM1 says neither which
 * layers this is nor how many heads it has: here one layer, timm's.
 */
export const attentionPool: Connector = {
  specs: ({ encoder_hidden_size: width, output_hidden_size: output, tokens }) => ({
    ...latentSpecs(width, tokens),
    ...linearSpecs('linear', width, output, width ** -0.5),
  }),

  forward(parameters, config, features) {
    const pooled = attentionPoolLatent(parameters, poolHeads(config.encoder_hidden_size), features);
    const p = under(parameters, 'linear.');
    return linear(pooled, p('weight'), p('bias')) as tf.Tensor3D; // [batch, tokens, output width]
  },
};
