import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { openEngine } from '../../../src/engine/index.js';
import { attentionPoolLatent, poolHeads } from '../../../src/model/connectors/attention-pool.js';
import { CONNECTORS } from '../../../src/model/connectors/index.js';
import { perceiverResampler, perceiverSpecs } from '../../../src/model/connectors/perceiver.js';
import { layerNorm } from '../../../src/model/layers/index.js';
import { initialise } from '../../../src/model/parameters.js';
import { cases, largestDifference, readCase } from '../golden.js';

beforeAll(async () => {
  await openEngine();
});

const WIDTH = 8;
const features = () => tf.randomNormal([2, 9, WIDTH], 0, 1, 'float32', 1) as tf.Tensor3D;
const row = (seed: number) => tf.randomNormal([1, WIDTH], 0, 1, 'float32', seed);

describe('a perceiver resampler', () => {
  const depth = 3;
  const weights = () => initialise(perceiverSpecs(WIDTH, 4, depth), 1);

  it('is as deep as its weights', async () => {
    const whole = weights();
    const shallow = Object.fromEntries(Object.entries(whole).filter(([name]) => !name.startsWith('layers.2.')));
    const silent = { ...whole };
    for (const name of ['layers.2.0.to_out.weight', 'layers.2.1.3.weight']) silent[name] = tf.zerosLike(whole[name]!);
    const [two, third] = [shallow, silent].map((p) => perceiverResampler(p, 2, features()));
    expect(await largestDifference(two!, third!)).toBeLessThan(1e-6);
    expect(await largestDifference(two!, perceiverResampler(whole, 2, features()))).toBeGreaterThan(1e-2);
  });

  it('sees a picture as the first frame of the first medium', async () => {
    const more = tf.randomNormal([3, WIDTH], 0, 1, 'float32', 9);
    const given = {
      ...weights(),
      frame_embs: tf.concat([row(2), more]),
      media_time_embs: tf.reshape(tf.concat([row(3), more]), [4, 1, WIDTH]),
    };
    const moved = tf.add(tf.add(features(), row(2)), row(3)) as tf.Tensor3D;
    const expected = perceiverResampler(weights(), 2, moved);
    expect(await largestDifference(perceiverResampler(given, 2, features()), expected)).toBeLessThan(1e-5);
  });

  it("is the same under Idefics's names but for the MLP, whether or not its heads have norms", async () => {
    const flamingo = weights();
    const idefics: Record<string, tf.Tensor> = {
      latents: flamingo.latents!,
      'layer_norm.weight': flamingo['norm.weight']!,
      'layer_norm.bias': flamingo['norm.bias']!,
    };
    const names = {
      '0.norm_media.weight': '0.context_layer_norm.weight',
      '0.norm_media.bias': '0.context_layer_norm.bias',
      '0.norm_latents.weight': '0.latents_layer_norm.weight',
      '0.norm_latents.bias': '0.latents_layer_norm.bias',
      '0.to_q.weight': '0.q_proj.weight',
      '0.to_out.weight': '0.output_proj.weight',
      '1.0.weight': '1.ln.weight',
      '1.0.bias': '1.ln.bias',
      '1.1.weight': '1.fc.weight',
      '1.3.weight': '1.c_proj.weight',
    };
    for (let i = 0; i < depth; i++) {
      flamingo[`layers.${i}.1.3.weight`] = tf.zerosLike(flamingo[`layers.${i}.1.3.weight`]!);
      const [k, v] = tf.split(flamingo[`layers.${i}.0.to_kv.weight`]!, 2);
      Object.assign(idefics, { [`blocks.${i}.0.k_proj.weight`]: k, [`blocks.${i}.0.v_proj.weight`]: v });
      for (const [ours, theirs] of Object.entries(names)) {
        idefics[`blocks.${i}.${theirs}`] = flamingo[`layers.${i}.${ours}`]!;
      }
    }
    const plain = perceiverResampler(idefics, 2, features());
    expect(await largestDifference(plain, perceiverResampler(flamingo, 2, features()))).toBeLessThan(1e-6);
    for (let i = 0; i < depth; i++) {
      for (const kind of ['q', 'k']) {
        idefics[`blocks.${i}.0.${kind}_layer_norm.weight`] = tf.ones([WIDTH / 2]);
        idefics[`blocks.${i}.0.${kind}_layer_norm.bias`] = tf.zeros([WIDTH / 2]);
      }
    }
    expect(await largestDifference(plain, perceiverResampler(idefics, 2, features()))).toBeGreaterThan(1e-4);
  });
});

describe("timm's options of the latent pool are there where their weights are", () => {
  const specs = CONNECTORS['attention-pool'].specs({
    encoder_hidden_size: WIDTH,
    hidden_size: WIDTH,
    output_hidden_size: 4,
    grid: 3,
    tokens: 4,
  });
  const run = (changed: Record<string, tf.Tensor>, dropped: readonly string[] = [], x = features()) => {
    const weights = { ...initialise(specs, 1), ...changed };
    const kept = Object.entries(weights).filter(([name]) => !dropped.includes(name));
    return attentionPoolLatent(Object.fromEntries(kept), 2, x);
  };

  it('positions', async () => {
    const table = tf.randomNormal([9, WIDTH], 0, 1, 'float32', 4);
    const moved = tf.add(features(), table) as tf.Tensor3D;
    expect(await largestDifference(run({ pos_embed: table }), run({}, [], moved))).toBeLessThan(1e-6);
  });

  it('no biases of queries, keys and values', async () => {
    const zeros = { 'q.bias': tf.zeros([WIDTH]), 'kv.bias': tf.zeros([2 * WIDTH]) };
    expect(await largestDifference(run({}, ['q.bias', 'kv.bias']), run(zeros))).toBe(0);
  });

  it('norms of queries and keys, and none before the MLP', async () => {
    const gains = { 'q_norm.weight': tf.fill([4], 2), 'q_norm.bias': tf.fill([4], 0.5) };
    const keys = { 'k_norm.weight': tf.fill([4], 2), 'k_norm.bias': tf.fill([4], 0.5) };
    for (const changed of [gains, keys]) expect(await largestDifference(run({}), run(changed))).toBeGreaterThan(1e-4);
    // A norm of queries is a norm of the latents' own, once the latents are normed queries and the layer is the identity.
    const identity = { 'q.weight': tf.eye(WIDTH), 'q.bias': tf.zeros([WIDTH]) };
    const latents = tf.reshape(initialise(specs, 1).latent!, [1, 4, 2, 4]);
    const normed = tf.reshape(layerNorm(latents, gains['q_norm.weight'], gains['q_norm.bias'], 1e-5), [1, 4, WIDTH]);
    expect(await largestDifference(run({ ...identity, ...gains }), run({ ...identity, latent: normed }))).toBeLessThan(
      1e-6,
    );
    expect(await largestDifference(run({}), run({}, ['norm.weight', 'norm.bias']))).toBeGreaterThan(1e-4);
  });
});

it.each([
  [32, 1],
  [96, 3],
  [128, 4],
  [1024, 32],
  [112, 2],
  [72, 2],
  [8, 1],
])('a pool of width %i has %i heads, which divide it', (width, heads) => {
  expect(poolHeads(width)).toBe(heads);
});

const perceivers = cases('attention-pool').filter((folder) => 'ff_mult' in readCase(folder).config);
it.each(perceivers)("has open_flamingo's names, and its shapes where the sizes are ours: %s", (folder) => {
  const { config, weight_tensors } = readCase(folder);
  const specs = perceiverSpecs(config.dim, config.num_latents, config.depth);
  const theirs = Object.keys(weight_tensors).filter((name) => !name.endsWith('_embs'));
  expect(Object.keys(specs).sort()).toEqual(theirs.sort());
  // Ours has heads that are as wide together as a latent, and an MLP of four times that width.
  const inside = config.heads * config.dim_head === config.dim ? [] : ['to_q', 'to_kv', 'to_out'];
  const different = [...inside, ...(config.ff_mult === 4 ? [] : ['1.1.', '1.3.'])];
  for (const name of theirs.filter((each) => !different.some((part) => each.includes(part)))) {
    expect(specs[name]!.shape, name).toEqual(weight_tensors[name].shape);
  }
});
