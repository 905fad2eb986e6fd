import * as tf from '@tensorflow/tfjs-core';
import { activate, adaptiveAveragePool, depthwise3x3, layerNorm, linear } from '../layers/index.js';
import { type Lookup, linearSpecs, normSpecs, type ParameterSpecs, under } from '../parameters.js';
import type { Connector } from './connector.js';

/** timm's LayerNorm2d, over the channels at each position. */
const EPSILON = 1e-5;
/** Blocks before and after the pooling (Honeybee, Cha et al., 2023, section 3.3). */
export const DEPTH = 3;
/** Honeybee's norm of the input, where a checkpoint has one. */
const PRENORM_EPSILON = 1e-6;
/** Width of the squeeze as a share of the block's input channels. */
const SQUEEZE = 0.25;

/** A 1x1 convolution without bias: a product over the channels. */
function pointwise(x: tf.Tensor4D, weight: tf.Tensor): tf.Tensor4D {
  return linear(x, tf.reshape(weight, [weight.shape[0]!, weight.shape[1]!])) as tf.Tensor4D;
}

/** Scales each channel by what the whole picture says of it (Hu et al., 2017). */
function squeezeExcite(p: Lookup, x: tf.Tensor4D): tf.Tensor4D {
  const layer = (name: string, input: tf.Tensor) => {
    const weight = p(`se.${name}.weight`);
    return linear(input, tf.reshape(weight, [weight.shape[0]!, weight.shape[1]!]), p(`se.${name}.bias`));
  };
  const squeezed = activate('silu', layer('fc1', tf.mean(x, [1, 2], true))); // [batch, 1, 1, squeeze]
  return tf.mul(x, tf.sigmoid(layer('fc2', squeezed)));
}

/**
 * A RegNet bottleneck (timm's RegStage): 1x1, depthwise 3x3, squeeze-excite, 1x1, shortcut.
 * @param p weights of `net.N.bM.`
 * @param x [batch, side, side, channels]
 */
function bottleneck(p: Lookup, has: (name: string) => boolean, x: tf.Tensor4D): tf.Tensor4D {
  const norm = (name: string, input: tf.Tensor) =>
    layerNorm(input, p(`${name}.bn.weight`), p(`${name}.bn.bias`), EPSILON) as tf.Tensor4D;
  let y = activate('silu', norm('conv1', pointwise(x, p('conv1.conv.weight')))) as tf.Tensor4D;
  y = activate('silu', norm('conv2', depthwise3x3(y, p('conv2.conv.weight')))) as tf.Tensor4D;
  y = squeezeExcite(p, y);
  y = norm('conv3', pointwise(y, p('conv3.conv.weight')));
  const shortcut = has('downsample.conv.weight') ? norm('downsample', pointwise(x, p('downsample.conv.weight'))) : x;
  return activate('silu', tf.add(y, shortcut)) as tf.Tensor4D;
}

/**
 * Honeybee's C-Abstractor (Cha et al., 2023): convolutions keep what is next to what, adaptive pooling sets the number
 * of tokens. How deep it is, whether a block changes its channels, and Honeybee's optional input norm, positions and end
 * tokens, are read from the weights. MM1 takes it for its own models (section 3.1), with 144 tokens.
 */
export const cAbstractor: Connector = {
  specs(config) {
    const { encoder_hidden_size: input, hidden_size: hidden, output_hidden_size: output, grid } = config;
    return {
      pos_emb: { shape: [1, grid * grid, input], initial: { normal: 0.02 } },
      ...stageSpecs('net.0', input, hidden),
      ...stageSpecs('net.2', hidden, hidden),
      ...linearSpecs('readout.0', hidden, output, hidden ** -0.5),
      ...linearSpecs('readout.2', output, output, output ** -0.5),
    };
  },

  forward(parameters, config, features) {
    const p = under(parameters, '');
    const has = (name: string) => name in parameters;
    const stage = (name: string, input: tf.Tensor4D) => {
      let x = input;
      for (let block = 1; has(`${name}.b${block}.conv1.conv.weight`); block++) {
        const prefix = `${name}.b${block}.`;
        x = bottleneck(under(parameters, prefix), (weight) => has(prefix + weight), x);
      }
      return x;
    };
    const [batch, patches, width] = features.shape;
    const grid = Math.sqrt(patches);
    const side = Math.sqrt(config.tokens);

    const read = has('prenorm.weight')
      ? layerNorm(features, p('prenorm.weight'), p('prenorm.bias'), PRENORM_EPSILON)
      : features;
    const placed = has('pos_emb') ? tf.add(read, p('pos_emb')) : read; // [batch, grid x grid, encoder width]
    const near = stage('net.0', tf.reshape(placed, [batch, grid, grid, width])); // [batch, grid, grid, hidden]
    const channels = near.shape[3];
    const pooled = adaptiveAveragePool(tf.reshape(near, [batch, patches, channels]), side); // [batch, tokens, hidden]
    const far = stage('net.2', tf.reshape(pooled, [batch, side, side, channels])); // [batch, side, side, hidden]
    let x: tf.Tensor = tf.reshape(far, [batch, config.tokens, far.shape[3]]); // [batch, tokens, hidden]
    x = linear(x, p('readout.0.weight'), p('readout.0.bias'));
    for (let i = 2; has(`readout.${i}.weight`); i += 2) {
      x = linear(activate('silu', x), p(`readout.${i}.weight`), p(`readout.${i}.bias`));
    }
    if (has('eos_tokens')) x = tf.concat([x, tf.tile(p('eos_tokens'), [batch, 1, 1])], 1);
    return x as tf.Tensor3D; // [batch, tokens, output width]
  },
};

function stageSpecs(name: string, input: number, hidden: number): ParameterSpecs {
  const specs: ParameterSpecs = {};
  const convolution = (layer: string, shape: number[], fanIn: number) => {
    specs[`${layer}.conv.weight`] = { shape, initial: { normal: Math.sqrt(2 / fanIn) } };
    Object.assign(specs, normSpecs(`${layer}.bn`, hidden));
  };
  const squeeze = (layer: string, from: number, to: number) => {
    specs[`${layer}.weight`] = { shape: [to, from, 1, 1], initial: { normal: from ** -0.5 } };
    specs[`${layer}.bias`] = { shape: [to], initial: { constant: 0 } };
  };
  for (let i = 1; i <= DEPTH; i++) {
    const block = `${name}.b${i}`;
    const channels = i === 1 ? input : hidden;
    const narrow = Math.max(1, Math.round(channels * SQUEEZE));
    convolution(`${block}.conv1`, [hidden, channels, 1, 1], channels);
    convolution(`${block}.conv2`, [hidden, 1, 3, 3], 9);
    squeeze(`${block}.se.fc1`, hidden, narrow);
    squeeze(`${block}.se.fc2`, narrow, hidden);
    convolution(`${block}.conv3`, [hidden, hidden, 1, 1], hidden);
    if (channels !== hidden) convolution(`${block}.downsample`, [hidden, channels, 1, 1], channels);
  }
  return specs;
}
