import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { openEngine } from '../../src/engine/index.js';
import { type DecoderConfig, decoder, decoderSpecs, embedTokens, vocabularyLogits } from '../../src/model/decoder.js';
import { causalMask, crossEntropy } from '../../src/model/layers/index.js';
import { route, routerLoss } from '../../src/model/mixture-of-experts.js';
import { initialise } from '../../src/model/parameters.js';
import { decoderSizes } from './decoder-case.js';
import { type PlainWeights, plainDecoder } from './decoder-in-loops.js';
import { type Case, cases, expectGradients, largestDifference, readCase, readTensors, tolerance } from './golden.js';

beforeAll(async () => {
  await openEngine();
});

type Weights = Record<string, tf.Tensor>;

function run(weights: Weights, config: DecoderConfig, ids: tf.Tensor2D) {
  const [batch, tokens] = ids.shape;
  const positions = tf.tile(tf.reshape(tf.range(0, tokens), [1, tokens]), [batch, 1]) as tf.Tensor2D;
  return decoder(weights, config, { embeddings: embedTokens(weights, ids), positions, mask: causalMask(tokens) });
}

/** Mean cross-entropy of the next token where its label is no -100. */
function nextTokenLoss(logits: tf.Tensor3D, labels: tf.Tensor2D): tf.Scalar {
  const [batch, tokens, vocabulary] = logits.shape;
  const rows = tf.reshape(tf.slice(logits, [0, 0, 0], [batch, tokens - 1, vocabulary]), [-1, vocabulary]);
  const next = tf.reshape(tf.slice(labels, [0, 1], [batch, tokens - 1]), [-1]);
  const counted = tf.cast(tf.greaterEqual(next, 0), 'float32');
  const losses = crossEntropy(rows as tf.Tensor2D, tf.cast(tf.maximum(next, 0), 'int32') as tf.Tensor1D);
  return tf.div(tf.sum(tf.mul(losses, counted)), tf.sum(counted)) as tf.Scalar;
}

/** The likeliest next tokens, one after another: with a cache each is read once, without it all are read each time. */
async function generate(weights: Weights, config: DecoderConfig, prompt: number[], count: number, cached: boolean) {
  const tokens = [...prompt];
  let cache: ReturnType<typeof decoder>['cache'] | undefined;
  while (tokens.length < prompt.length + count) {
    const read = cached && cache ? [tokens.at(-1)!] : tokens;
    const start = tokens.length - read.length;
    const output = decoder(weights, config, {
      embeddings: embedTokens(weights, tf.tensor2d([read], undefined, 'int32')),
      positions: tf.tensor2d([read.map((_, i) => start + i)]),
      mask: cached && cache ? tf.zeros([1, 1, 1, 1]) : causalMask(read.length),
      ...(cached && cache && { cache }),
    });
    cache = output.cache;
    const scores = (await vocabularyLogits(weights, config, output.last).array())[0]!.at(-1)!;
    tokens.push(scores.indexOf(Math.max(...scores)));
  }
  return tokens.slice(prompt.length);
}

describe.each(cases('llama'))('decoder equals LlamaForCausalLM: %s', (folder) => {
  const expected: Case = readCase(folder);
  const config = decoderSizes(folder);
  const weights = () => readTensors(join(folder, 'model.safetensors'));

  it('hidden states, logits, loss and gradients', async () => {
    const near = tolerance(3e-5, 2e-4);
    const parameters = weights();
    const io = readTensors(join(folder, 'io.safetensors'));
    const ids = io.input_ids as tf.Tensor2D;
    const { hiddenStates, last } = run(parameters, config, ids);
    // The inputs of the layers and the last norm's output, as far as the case gives them.
    const states = hiddenStates.slice(0, -1).map((x, i) => [x, io[`hidden_states.${i}`]] as const);
    const given: number[] = [];
    for (const [x, stored] of [...states, [last, io.last_hidden_state] as const]) {
      if (stored) given.push(await largestDifference(x, stored));
    }
    expect(Math.max(0, ...given)).toBeLessThanOrEqual(near);
    expect(await largestDifference(vocabularyLogits(parameters, config, last), io.logits!)).toBeLessThanOrEqual(near);

    const labels = (io.labels ?? ids) as tf.Tensor2D;
    const f = (p: Weights) => nextTokenLoss(vocabularyLogits(p, config, run(p, config, ids).last), labels);
    const limits = { loss: tolerance(5e-6, 2e-5), relative: tolerance(5e-5, 2e-4) };
    await expectGradients(f, parameters, expected.loss, limits);
  });

  it.each((expected.greedy?.prompts ?? []) as { prompt: number[]; new_tokens: number[] }[])(
    'greedy tokens after $prompt, with the cache and without',
    async ({ prompt, new_tokens }) => {
      for (const cached of [true, false]) {
        expect(await generate(weights(), config, prompt, new_tokens.length, cached)).toEqual(new_tokens);
      }
    },
  );

  it('its weights are those that the sizes name', () => {
    const shapes = Object.fromEntries(Object.entries(decoderSpecs(config)).map(([name, { shape }]) => [name, shape]));
    const stored = Object.fromEntries(Object.entries(weights()).map(([name, { shape }]) => [name, shape]));
    expect(shapes).toEqual(stored);
  });
});

const SMALL: DecoderConfig = {
  vocab_size: 13,
  hidden_size: 12,
  intermediate_size: 10,
  num_hidden_layers: 2,
  num_attention_heads: 6,
  num_key_value_heads: 3,
  rms_norm_eps: 1e-3,
  rope_theta: 100,
  tie_word_embeddings: false,
};

/** Weights of some sizes, none at 0 or 1, so that a dropped bias or norm shows. */
function drawn(config: DecoderConfig, seed: number): Weights {
  const specs = decoderSpecs(config);
  for (const spec of Object.values(specs)) {
    spec.initial = { normal: spec.shape.length === 1 ? 0.5 : spec.shape[1]! ** -0.5 };
  }
  return initialise(specs, seed);
}

describe('decoder of other sizes equals plain loops', () => {
  const variants: [string, Partial<DecoderConfig>][] = [
    ['grouped queries', {}],
    ['one key-value head', { num_key_value_heads: 1 }],
    ['a key-value head a query head', { num_key_value_heads: 6 }],
    ['wider heads than the width divides into', { head_dim: 4 }],
    ['a head width of null, as some configurations have it', { head_dim: null }],
    ['biases of attention', { attention_bias: true }],
    ['biases of the SwiGLU', { mlp_bias: true }],
    ['experts in every layer', { num_local_experts: 5, num_experts_per_tok: 3 }],
    ['one expert a token', { num_local_experts: 4, num_experts_per_tok: 1, tie_word_embeddings: true }],
    ['all experts a token', { num_local_experts: 3, num_experts_per_tok: 3, head_dim: 8, num_key_value_heads: 2 }],
    ['experts in the second layer', { num_local_experts: 6, num_experts_per_tok: 2, decoder_sparse_step: 2 }],
    ['both biases, tied', { attention_bias: true, mlp_bias: true, head_dim: 6, tie_word_embeddings: true }],
  ];

  it.each(variants)('%s', async (_, settings) => {
    const config = { ...SMALL, ...settings };
    const weights = drawn(config, 5);
    const arrays = Object.entries(weights).map(async ([name, w]) => [name, await w.array()] as const);
    const plain = Object.fromEntries(await Promise.all(arrays)) as PlainWeights;
    const rows = [
      [1, 5, 3, 12, 0, 7],
      [2, 2, 9, 4, 11, 8],
    ];
    const ids = tf.tensor2d(rows, undefined, 'int32');
    const logits = vocabularyLogits(weights, config, run(weights, config, ids).last);
    const expected = tf.tensor3d(rows.map((row) => plainDecoder(plain, config, row)));
    expect(await largestDifference(logits, expected)).toBeLessThan(tolerance(2e-5, 1e-4));
  });
});

describe('a decoder with experts', () => {
  const MIXED: DecoderConfig = {
    ...SMALL,
    num_hidden_layers: 4,
    num_local_experts: 3,
    num_experts_per_tok: 2,
    decoder_sparse_step: 2,
  };
  const ids = () => tf.tensor2d([[1, 5, 3, 12, 0, 7]], undefined, 'int32');

  it('has them in every second layer, and says what those route by', () => {
    const names = Object.keys(decoderSpecs(MIXED));
    const layers = (part: string) =>
      [0, 1, 2, 3].filter((i) => names.some((name) => name.startsWith(`model.layers.${i}.${part}.`)));
    expect(layers('block_sparse_moe')).toEqual([1, 3]);
    expect(layers('mlp')).toEqual([0, 2]);
    const { routerLogits } = run(initialise(decoderSpecs(MIXED), 0), MIXED, ids());
    expect(routerLogits.map(({ shape }) => shape)).toEqual([
      [6, 3],
      [6, 3],
    ]);
  });

  it('that are all one expert equals the dense decoder', async () => {
    const dense = { ...SMALL, num_hidden_layers: 4 };
    const weights = drawn(dense, 2);
    const mixed: Weights = { ...drawn(MIXED, 3), ...weights };
    const PLAIN_NAMES: Record<string, string> = { w1: 'gate_proj', w2: 'down_proj', w3: 'up_proj' };
    for (const name of Object.keys(mixed)) {
      const [, layer, matrix] = /^(model\.layers\.\d+)\.block_sparse_moe\.experts\.\d+\.(w\d)/.exec(name) ?? [];
      if (layer) mixed[name] = weights[`${layer}.mlp.${PLAIN_NAMES[matrix!]}.weight`]!;
    }
    const difference = await largestDifference(run(mixed, MIXED, ids()).last, run(weights, dense, ids()).last);
    expect(difference).toBeLessThan(1e-5);
  });

  it('generates with the cache what it generates without', async () => {
    const weights = drawn(MIXED, 8);
    const tokens = await generate(weights, MIXED, [3, 1, 4], 12, false);
    expect(await generate(weights, MIXED, [3, 1, 4], 12, true)).toEqual(tokens);
    expect(new Set(tokens).size).toBeGreaterThan(3);
  });

  it('starts as its sizes say', () => {
    const specs = decoderSpecs({ ...MIXED, attention_bias: true, head_dim: 8 });
    const block = 'model.layers.1.block_sparse_moe';
    expect(specs[`${block}.gate.weight`]).toEqual({ shape: [3, 12], initial: { normal: 0.02 } });
    const reading = { shape: [10, 12], initial: { normal: 12 ** -0.5 } };
    expect(specs[`${block}.experts.2.w1.weight`]).toEqual(reading);
    expect(specs[`${block}.experts.2.w3.weight`]).toEqual(reading);
    const writing = { shape: [12, 10], initial: { normal: 10 ** -0.5 * 8 ** -0.5 } };
    expect(specs[`${block}.experts.2.w2.weight`]).toEqual(writing);
    expect(specs['model.layers.0.mlp.down_proj.weight']).toEqual(writing);
    expect(specs['model.layers.0.mlp.up_proj.weight']).toEqual(reading);
    expect(specs['model.layers.0.self_attn.o_proj.weight']).toEqual({
      shape: [12, 48],
      initial: { normal: 48 ** -0.5 * 8 ** -0.5 },
    });
    expect(specs['model.layers.0.self_attn.k_proj.weight']).toEqual({
      shape: [24, 12],
      initial: { normal: 12 ** -0.5 },
    });
    expect(specs['model.layers.0.self_attn.k_proj.bias']).toEqual({ shape: [24], initial: { constant: 0 } });
    expect(specs['model.layers.3.input_layernorm.weight']).toEqual({ shape: [12], initial: { constant: 1 } });
    expect(specs['model.embed_tokens.weight']).toEqual({ shape: [13, 12], initial: { normal: 0.02 } });
    expect(specs['lm_head.weight']).toEqual({ shape: [13, 12], initial: { normal: 0.02 } });
  });

  it("learns, and the routers' losses keep every expert busy", async () => {
    const config = { ...MIXED, num_hidden_layers: 2, num_local_experts: 4 };
    const rows = Array.from({ length: 8 }, (_, row) =>
      Array.from({ length: 12 }, (_, i) => ((row + 1) * i + row) % 13),
    );
    const batch = tf.tensor2d(rows, undefined, 'int32');
    const counts = async (weights: Weights) => {
      const { routerLogits } = run(weights, config, batch);
      return (await tf.sum(route(routerLogits[0]!, 2).choices, [0, 1]).array()) as number[];
    };
    const text = (weights: Weights) =>
      nextTokenLoss(vocabularyLogits(weights, config, run(weights, config, batch).last), batch);

    // Whatever a token is, its choices are the third expert and one of the first two: the last is left out.
    const drawnGate = tf.randomNormal([1, 12], 0, 1, 'float32', 4);
    const gate = tf.concat([drawnGate, tf.neg(drawnGate), tf.zeros([2, 12])]);
    const before = { ...initialise(decoderSpecs(config), 1), 'model.layers.1.block_sparse_moe.gate.weight': gate };
    const after = Object.fromEntries(Object.entries(before).map(([name, weight]) => [name, tf.variable(weight)]));
    const optimizer = tf.train.adam(0.01);
    for (let step = 0; step < 60; step++) {
      optimizer.minimize(() => {
        const { last, routerLogits } = run(after, config, batch);
        const loss = nextTokenLoss(vocabularyLogits(after, config, last), batch);
        return tf.add(loss, routerLoss(routerLogits, config));
      });
    }
    expect(Math.min(...(await counts(before)))).toBe(0);
    expect(Math.min(...(await counts(after)))).toBeGreaterThan(0);
    expect((await text(after).data())[0]).toBeLessThan(0.5 * (await text(before).data())[0]!);
  });
});
