import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { openEngine } from '../../src/engine/index.js';
import { type ClipConfig, clipSpecs } from '../../src/model/clip.js';
import {
  countParameters,
  type Initial,
  initialise,
  type ParameterSpecs,
  prefixed,
} from '../../src/model/parameters.js';

beforeAll(async () => {
  await openEngine();
});

/** Towers whose every width and depth differs, so that no deviation stands for another. */
const config: ClipConfig = {
  vision: {
    hidden_size: 16,
    intermediate_size: 40,
    num_hidden_layers: 3,
    num_attention_heads: 2,
    hidden_act: 'quick_gelu',
    layer_norm_eps: 1e-5,
    image_size: 21,
    patch_size: 7,
    pooling: 'class',
  },
  text: {
    hidden_size: 12,
    intermediate_size: 30,
    num_hidden_layers: 2,
    num_attention_heads: 3,
    hidden_act: 'quick_gelu',
    layer_norm_eps: 1e-5,
    vocab_size: 50,
    max_position_embeddings: 9,
  },
  projection_dim: 8,
};

/** `[shape] how it starts` of every weight. */
function listed(specs: ParameterSpecs): Record<string, string> {
  const start = (initial: Initial) =>
    'normal' in initial
      ? `normal ${initial.normal.toPrecision(6)}`
      : `constant ${(initial as { constant: number }).constant.toPrecision(6)}`;
  return Object.fromEntries(
    Object.entries(specs).map(([name, { shape, initial }]) => [name, `[${shape}] ${start(initial)}`]),
  );
}

const normal = (shape: number[], deviation: number) => `[${shape}] normal ${deviation.toPrecision(6)}`;
const constant = (shape: number[], value: number) => `[${shape}] constant ${value.toPrecision(6)}`;
const norm = (name: string, width: number) => ({
  [`${name}.weight`]: constant([width], 1),
  [`${name}.bias`]: constant([width], 0),
});
const linear = (name: string, inputs: number, outputs: number, deviation: number) => ({
  [`${name}.weight`]: normal([outputs, inputs], deviation),
  [`${name}.bias`]: constant([outputs], 0),
});

/** A tower's blocks start as OpenAI's CLIP does: by width, and what is added to the stream by depth as well. */
function blocks(prefix: string, width: number, wide: number, layers: number) {
  const added = 1 / Math.sqrt(width * 2 * layers);
  return Object.assign(
    {},
    ...Array.from({ length: layers }, (_, i) => {
      const layer = `${prefix}encoder.layers.${i}.`;
      return {
        ...norm(`${layer}layer_norm1`, width),
        ...linear(`${layer}self_attn.q_proj`, width, width, 1 / Math.sqrt(width)),
        ...linear(`${layer}self_attn.k_proj`, width, width, 1 / Math.sqrt(width)),
        ...linear(`${layer}self_attn.v_proj`, width, width, 1 / Math.sqrt(width)),
        ...linear(`${layer}self_attn.out_proj`, width, width, added),
        ...norm(`${layer}layer_norm2`, width),
        ...linear(`${layer}mlp.fc1`, width, wide, 1 / Math.sqrt(2 * width)),
        ...linear(`${layer}mlp.fc2`, wide, width, added),
      };
    }),
  );
}

it('CLIP starts as OpenAI starts it', () => {
  expect(listed(clipSpecs(config))).toEqual({
    logit_scale: constant([], Math.log(1 / 0.07)),
    'text_model.embeddings.token_embedding.weight': normal([50, 12], 0.02),
    'text_model.embeddings.position_embedding.weight': normal([9, 12], 0.01),
    ...blocks('text_model.', 12, 30, 2),
    ...norm('text_model.final_layer_norm', 12),
    'text_projection.weight': normal([8, 12], 1 / Math.sqrt(12)),
    'vision_model.embeddings.class_embedding': normal([16], 1 / Math.sqrt(16)),
    'vision_model.embeddings.patch_embedding.weight': normal([16, 3, 7, 7], 1 / Math.sqrt(3 * 7 * 7)),
    'vision_model.embeddings.position_embedding.weight': normal([1 + 9, 16], 1 / Math.sqrt(16)),
    ...norm('vision_model.pre_layrnorm', 16),
    ...blocks('vision_model.', 16, 40, 3),
    ...norm('vision_model.post_layernorm', 16),
    'visual_projection.weight': normal([8, 16], 1 / Math.sqrt(16)),
  });
});

describe('initialise', () => {
  const specs: ParameterSpecs = {
    one: { shape: [50, 40], initial: { normal: 0.3 } },
    other: { shape: [50, 40], initial: { normal: 0.3 } },
    gain: { shape: [3], initial: { constant: 2 } },
    given: { shape: [2], initial: { values: Float32Array.of(4, 5) } },
  };
  const values = async (tensor: tf.Tensor | undefined) => [...(await tensor!.data())];

  it('draws around 0 with the deviation that is asked for, and sets the others', async () => {
    const { one, gain, given } = initialise(specs, 1);
    const { mean, variance } = tf.moments(one!);
    expect(Math.abs((await mean.data())[0]!)).toBeLessThan(0.03);
    expect(Math.sqrt((await variance.data())[0]!)).toBeCloseTo(0.3, 1.5);
    expect(await values(gain)).toEqual([2, 2, 2]);
    expect(await values(given)).toEqual([4, 5]);
  });

  it('draws what it drew when results were first published', async () => {
    const { drawn } = initialise({ drawn: { shape: [3], initial: { normal: 1 } } }, 3);
    expect((await values(drawn)).map((value) => value.toFixed(5))).toEqual(['-1.41549', '0.30703', '0.73174']);
  });

  it('gives each weight a stream of its own, by seed and name', async () => {
    const [first, again, second] = [initialise(specs, 1), initialise(specs, 1), initialise(specs, 2)];
    expect(await values(again.one)).toEqual(await values(first.one));
    expect(await values(second.one)).not.toEqual(await values(first.one));
    expect(await values(first.other)).not.toEqual(await values(first.one));
    expect(await values(initialise({ other: specs.other! }, 1).other)).toEqual(await values(first.other)); // whatever else is drawn
  });

  it('counts what it draws, under any prefix', () => {
    expect(countParameters(specs)).toBe(2 * 2000 + 3 + 2);
    expect(Object.keys(prefixed('a.', specs))).toEqual(['a.one', 'a.other', 'a.gain', 'a.given']);
  });
});
