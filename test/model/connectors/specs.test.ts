import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import type { ConnectorType } from '../../../src/config/recipe.js';
import { openEngine } from '../../../src/engine/index.js';
import { attentionPoolLatent } from '../../../src/model/connectors/attention-pool.js';
import { CONNECTORS } from '../../../src/model/connectors/index.js';
import { perceiverResampler } from '../../../src/model/connectors/perceiver.js';
import { activate, layerNorm, linear } from '../../../src/model/layers/index.js';
import { initialise } from '../../../src/model/parameters.js';
import { largestDifference } from '../golden.js';

beforeAll(async () => {
  await openEngine();
});

const config = { encoder_hidden_size: 64, hidden_size: 48, output_hidden_size: 20, grid: 3, tokens: 4 };

/** Shapes of some weights; null where there must be none of that name. */
const SHAPES: Record<ConnectorType, Record<string, number[] | null>> = {
  'average-pool': { 'linear.weight': [20, 64], 'linear.bias': [20] },
  'attention-pool': { latent: [1, 4, 64], 'mlp.fc1.weight': [128, 64], 'linear.weight': [20, 64] },
  'c-abstractor': {
    pos_emb: [1, 9, 64],
    'net.0.b1.se.fc1.weight': [16, 48, 1, 1],
    'net.0.b1.downsample.conv.weight': [48, 64, 1, 1],
    'net.0.b3.conv3.conv.weight': [48, 48, 1, 1],
    'net.0.b4.conv1.conv.weight': null,
    'net.2.b3.se.fc2.weight': [48, 12, 1, 1],
    'net.2.b4.conv1.conv.weight': null,
    'readout.0.weight': [20, 48],
    'readout.2.weight': [20, 20],
    'readout.4.weight': null,
  },
  linear: { 'linear.weight': [20, 64], 'linear.bias': [20] },
  mlp: { 'linear_1.weight': [20, 64], 'linear_1.bias': [20], 'linear_2.weight': [20, 20], 'linear_2.bias': [20] },
  resampler: {
    latents: [4, 64],
    'layers.2.0.to_kv.weight': [128, 64],
    'layers.2.1.1.weight': [256, 64],
    'layers.3.0.to_q.weight': null,
    'linear.weight': [20, 64],
  },
  'pixel-shuffle': { 'modality_projection.proj.weight': [20, 256], 'modality_projection.proj.bias': null },
};

it.each(Object.keys(SHAPES) as ConnectorType[])('weights of %s', (type) => {
  const specs = CONNECTORS[type].specs(config);
  for (const [name, shape] of Object.entries(SHAPES[type])) expect(specs[name]?.shape ?? null, name).toEqual(shape);
});

it.each(Object.keys(SHAPES) as ConnectorType[])(
  '%s starts on a scale that keeps the scale of what it reads',
  (type) => {
    for (const [name, { shape, initial }] of Object.entries(CONNECTORS[type].specs(config))) {
      const reads = shape.slice(1).reduce((product, size) => product * size, 1);
      if (shape.length === 1) expect(initial, name).toEqual({ constant: name.endsWith('bias') ? 0 : 1 });
      else if (name === 'pos_emb') expect(initial, name).toEqual({ normal: 0.02 });
      else if (name === 'latent') expect(initial, name).toEqual({ normal: 64 ** -0.5 });
      else if (name.endsWith('conv.weight')) {
        expect((initial as { normal: number }).normal, name).toBeCloseTo((2 / reads) ** 0.5, 12); // before a SiLU
      } else expect((initial as { normal: number }).normal, name).toBeCloseTo(reads ** -0.5, 12);
    }
  },
);

it("c-abstractor's norm of its input is LayerNorm with Honeybee's epsilon", async () => {
  const weights = initialise(CONNECTORS['c-abstractor'].specs(config), 1);
  const prenorm = { 'prenorm.weight': tf.fill([64], 1.5), 'prenorm.bias': tf.fill([64], 0.2) };
  // So faint that the epsilon counts.
  const faint = tf.randomNormal([2, 9, 64], 0, 1e-3, 'float32', 1) as tf.Tensor3D;
  const normed = layerNorm(faint, prenorm['prenorm.weight'], prenorm['prenorm.bias'], 1e-6) as tf.Tensor3D;
  const forward = (p: Record<string, tf.Tensor>, x: tf.Tensor3D) => CONNECTORS['c-abstractor'].forward(p, config, x);
  expect(await largestDifference(forward({ ...weights, ...prenorm }, faint), forward(weights, normed))).toBeLessThan(
    1e-5,
  );
});

describe('what a connector is made of', () => {
  const features = () => tf.randomNormal([2, 9, 64], 0, 1, 'float32', 1) as tf.Tensor3D;
  /** Drawn weights whose biases are not zero, so that a lost one shows. */
  function weightsOf(type: ConnectorType): Record<string, tf.Tensor> {
    const drawn = Object.entries(initialise(CONNECTORS[type].specs(config), 1));
    return Object.fromEntries(drawn.map(([name, x]) => [name, name.endsWith('bias') ? tf.add(x, 0.3) : x]));
  }

  it('two heads of 32 and a linear layer after a pool of width 64', async () => {
    for (const [type, pool] of [
      ['attention-pool', attentionPoolLatent],
      ['resampler', perceiverResampler],
    ] as const) {
      const p = weightsOf(type);
      const expected = linear(pool(p, 2, features()), p['linear.weight']!, p['linear.bias']!);
      expect(await largestDifference(CONNECTORS[type].forward(p, config, features()), expected), type).toBe(0);
    }
  });

  it('a linear layer on each patch, or two with a GELU between them', async () => {
    const one = weightsOf('linear');
    const single = linear(features(), one['linear.weight']!, one['linear.bias']!);
    expect(await largestDifference(CONNECTORS.linear.forward(one, config, features()), single)).toBe(0);
    const two = weightsOf('mlp');
    const wide = activate('gelu', linear(features(), two['linear_1.weight']!, two['linear_1.bias']!));
    const double = linear(wide, two['linear_2.weight']!, two['linear_2.bias']!);
    expect(await largestDifference(CONNECTORS.mlp.forward(two, config, features()), double)).toBe(0);
  });
});
