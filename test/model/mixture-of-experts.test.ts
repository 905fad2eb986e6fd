import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { openEngine } from '../../src/engine/index.js';
import {
  hasExperts,
  loadBalancingLoss,
  mixtureOfExperts,
  route,
  routerLoss,
  routerZLoss,
} from '../../src/model/mixture-of-experts.js';
import { under } from '../../src/model/parameters.js';
import { type Case, cases, expectGradients, largestDifference, readCase, readTensors, tolerance } from './golden.js';

beforeAll(async () => {
  await openEngine();
});

const GRADIENTS = { loss: tolerance(5e-6, 2e-5), relative: tolerance(5e-5, 2e-4) };
const blocks = cases('moe').filter((folder) => !readCase(folder).config.vocab_size);

describe.each(blocks)('the block equals MixtralSparseMoeBlock: %s', (folder) => {
  const expected: Case = readCase(folder);
  const { config } = expected;
  const read = () => ({
    weights: readTensors(join(folder, 'weights.safetensors')),
    io: readTensors(join(folder, 'io.safetensors')),
  });

  it('output, router logits, choices and their weights', async () => {
    const { weights, io } = read();
    const { y, routerLogits } = mixtureOfExperts(under(weights, ''), config, io.hidden_states as tf.Tensor3D);
    expect(await largestDifference(y, io.output!)).toBeLessThanOrEqual(tolerance(1e-5, 5e-5));
    expect(await largestDifference(routerLogits, io.router_logits!)).toBeLessThanOrEqual(tolerance(5e-6, 1e-5));
    const { choices, gates } = route(routerLogits, config.num_experts_per_tok);
    const index = tf.transpose(tf.argMax(choices, 2)); // [rows, choices]
    if (io.topk_index) expect(await index.array()).toEqual(await io.topk_index.array());
    const shares = tf.transpose(tf.sum(tf.mul(choices, gates), 2)); // [rows, choices]
    if (io.topk_weights)
      expect(await largestDifference(shares, io.topk_weights)).toBeLessThanOrEqual(tolerance(5e-6, 1e-5));
  });

  it('load-balancing loss of one layer, two layers, and with a mask', async () => {
    const { io } = read();
    const facts = expected.load_balancing_loss;
    const one = [io.router_logits as tf.Tensor2D];
    const two = [...one, io.router_logits_layer2 as tf.Tensor2D];
    const near = async (loss: tf.Scalar, value: number) =>
      expect(Math.abs((await loss.data())[0]! - value)).toBeLessThanOrEqual(tolerance(5e-6, 1e-5));
    await near(loadBalancingLoss(one, config), facts.one_layer_fp64);
    if (io.router_logits_layer2) {
      await near(loadBalancingLoss(two, config), facts.two_layers_router_logits_then_router_logits_layer2);
    }
    if (io.attention_mask) {
      await near(loadBalancingLoss(two, config, io.attention_mask), facts.two_layers_with_attention_mask);
    }
  });

  it('loss and gradients of the weights and the input', async () => {
    const { weights, io } = read();
    const share = Number(/([\d.]+) ?\* ?load_balancing_loss/.exec(expected.loss.definition)![1]);
    const f = ({ input, ...parameters }: Record<string, tf.Tensor>) => {
      const { y, routerLogits } = mixtureOfExperts(under(parameters, ''), config, input as tf.Tensor3D);
      const balance = loadBalancingLoss([routerLogits], config);
      return tf.add(tf.mean(tf.square(y)), tf.mul(balance, share)) as tf.Scalar;
    };
    const parameters = { ...weights, input: io.hidden_states! };
    await expectGradients(f, parameters, expected.loss, GRADIENTS);
    const gradient = tf.grad((input) => f({ ...weights, input }))(io.hidden_states!);
    const norm = (await tf.norm(gradient).data())[0]!;
    const reference = expected.loss.grad_input_l2_fp64;
    expect(Math.abs(norm - reference)).toBeLessThanOrEqual(GRADIENTS.relative * reference);
  });
});

describe('routing', () => {
  it('of equal probabilities takes the expert that stands first', async () => {
    const logits = tf.tensor2d([
      [1, 1, 1, 1],
      [0, 2, 0, 2],
      [-3, 0, 5, 0],
      [-Infinity, -Infinity, 0, -Infinity],
    ]);
    const { choices, gates } = route(logits, 3);
    expect(await tf.transpose(tf.argMax(choices, 2)).array()).toEqual([
      [0, 1, 2],
      [1, 3, 0],
      [2, 1, 3],
      [2, 0, 1],
    ]);
    expect(await largestDifference(tf.sum(gates, 1), tf.ones([4]))).toBeLessThan(1e-6);
  });

  it('to all experts weighs them by their probabilities', async () => {
    const logits = tf.tensor2d([[0.3, -1, 2]]);
    const { gates, probabilities } = route(logits, 3);
    expect(await largestDifference(gates, probabilities)).toBeLessThan(1e-6);
  });

  it('gives NaN where the logits are NaN', async () => {
    const { gates } = route(tf.tensor2d([[Number.NaN, 1, 2]]), 2);
    expect((await gates.data()).every(Number.isNaN)).toBe(true);
  });
});

describe('the losses of routers', () => {
  const rows = [
    [0.5, -1, 2, 0.1],
    [3, 0.2, -0.7, 1],
    [-0.4, 0.6, 1.5, -2],
    [1, 0.9, -1, 0.3],
  ];
  const layers = [rows.slice(0, 2), rows.slice(2)];
  const tensors = () => layers.map((layer) => tf.tensor2d(layer));
  const config = { num_local_experts: 4, num_experts_per_tok: 2 };

  /** The mean of (log sum exp)^2, in a plain loop over the layers' rows that count. */
  function zLoss(logits: number[][][], counts: number[]): number {
    let sum = 0;
    let number = 0;
    for (const layer of logits) {
      layer.forEach((row, i) => {
        let total = 0;
        for (const logit of row) total += Math.exp(logit);
        sum += counts[i]! * Math.log(total) ** 2;
        number += counts[i]!;
      });
    }
    return sum / number;
  }

  it('z-loss equals a plain loop, with and without a mask', async () => {
    expect((await routerZLoss(tensors()).data())[0]).toBeCloseTo(zLoss(layers, [1, 1]), 5);
    const mask = tf.tensor2d([[0, 1]], [1, 2], 'int32');
    expect((await routerZLoss(tensors(), mask).data())[0]).toBeCloseTo(zLoss(layers, [0, 1]), 5);
  });

  it('the gradient of the z-loss equals finite differences', async () => {
    const [first, second] = tensors() as [tf.Tensor2D, tf.Tensor2D];
    const gradient = (await tf
      .grad((x) => routerZLoss([x as tf.Tensor2D, second]))(first)
      .array()) as number[][];
    const step = 1e-4;
    const moved = (row: number, column: number, by: number) =>
      zLoss([layers[0]!.map((r, i) => r.map((v, j) => (i === row && j === column ? v + by : v))), layers[1]!], [1, 1]);
    gradient.forEach((values, row) => {
      values.forEach((value, column) => {
        const slope = (moved(row, column, step) - moved(row, column, -step)) / (2 * step);
        expect(value).toBeCloseTo(slope, 4);
      });
    });
  });

  it('z-loss stays finite where exp would overflow', async () => {
    expect((await routerZLoss([tf.tensor2d([[200, 100]])]).data())[0]).toBeCloseTo(40_000, 0);
  });

  it("routerLoss is 0.01 of the balance and 0.001 of the z-loss, MM1's weights", async () => {
    const mask = tf.tensor1d([1, 0]);
    for (const counted of [undefined, mask]) {
      const balance = (await loadBalancingLoss(tensors(), config, counted).data())[0]!;
      const z = (await routerZLoss(tensors(), counted).data())[0]!;
      expect((await routerLoss(tensors(), config, counted).data())[0]).toBeCloseTo(0.01 * balance + 0.001 * z, 6);
    }
  });

  it('are 0 where no layer has experts', async () => {
    expect((await routerLoss([], {}).data())[0]).toBe(0);
    expect((await routerLoss([], config).data())[0]).toBe(0);
  });

  it('even routing costs the number of choices', async () => {
    const even = tf.tensor2d([
      [9, 9, 0, 0],
      [0, 0, 9, 9],
    ]);
    expect((await loadBalancingLoss([even], config).data())[0]).toBeCloseTo(2, 6);
  });
});

describe('which layers have experts', () => {
  const layersOf = (config: Parameters<typeof hasExperts>[0]) =>
    [0, 1, 2, 3, 4, 5, 6, 7].filter((layer) => hasExperts(config, layer));

  it('every one, every second, every fourth, none', () => {
    const sizes = { num_local_experts: 4, num_experts_per_tok: 2 };
    expect(layersOf(sizes)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(layersOf({ ...sizes, decoder_sparse_step: 2 })).toEqual([1, 3, 5, 7]);
    expect(layersOf({ ...sizes, decoder_sparse_step: 4 })).toEqual([3, 7]);
    expect(layersOf({})).toEqual([]);
  });
});
