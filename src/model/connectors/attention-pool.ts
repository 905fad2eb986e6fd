import * as tf from '@tensorflow/tfjs-core';
import { activate, attend, layerNorm, linear, mergeHeads, splitHeads } from '../layers/index.js';
import { linearSpecs, normSpecs, type ParameterSpecs, type Parameters, under } from '../parameters.js';
import type { Connector } from './connector.js';

/** torch.nn.LayerNorm's default. */
const EPSILON = 1e-5;
const MLP_RATIO = 2;
/** Widths per head; MM1 does not say how many heads its connector has. */
const HEAD = 32;

/** Attention heads for a width: one for each 32. */
export function poolHeads(width: number): number {
  return Math.max(1, Math.floor(width / HEAD));
}

/**
 * Learned queries that cross-attend to the patches, as timm's AttentionPoolLatent: queries of their own, no norm of the
 * input, no residual from the queries, then a residual MLP.
 * @param features [batch, patches, width]
 * @returns [batch, queries, width]
 */
export function attentionPoolLatent(parameters: Parameters, heads: number, features: tf.Tensor3D): tf.Tensor3D {
  const p = under(parameters, '');
  const [batch, , width] = features.shape;
  const queries = linear(p('latent'), p('q.weight'), p('q.bias')); // [1, queries, width]
  const q = splitHeads(tf.tile(queries, [batch, 1, 1]), heads); // [batch, heads, queries, head]
  const both = linear(features, p('kv.weight'), p('kv.bias')); // [batch, patches, 2 width]
  const [keys, values] = tf.split(both, [width, width], 2) as [tf.Tensor, tf.Tensor];
  const attended = mergeHeads(attend(q, splitHeads(keys, heads), splitHeads(values, heads)));
  const x = linear(attended, p('proj.weight'), p('proj.bias')); // [batch, queries, width]
  const normed = layerNorm(x, p('norm.weight'), p('norm.bias'), EPSILON);
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

/** k learned queries attend to the patches, then a linear layer (MM1, section 3.1, "VL connector"). */
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
