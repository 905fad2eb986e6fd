import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { openEngine } from '../../src/engine/index.js';
import { decoder, embedTokens, vocabularyLogits } from '../../src/model/decoder.js';
import { causalMask, crossEntropy, FORBIDDEN } from '../../src/model/layers/index.js';
import { loadBalancingLoss } from '../../src/model/mixture-of-experts.js';
import { decoderSizes } from './decoder-case.js';
import { type Case, cases, expectGradients, largestDifference, readCase, readTensors, tolerance } from './golden.js';

beforeAll(async () => {
  await openEngine();
});

const GRADIENTS = { loss: tolerance(5e-6, 2e-5), relative: tolerance(5e-5, 2e-4) };
const models = cases('moe').filter((folder) => readCase(folder).config.vocab_size);

/** Expert weights under the names that transformers 5 fuses them to; all others as they are. */
function fused(weights: Record<string, tf.Tensor>, config: Case): Record<string, tf.Tensor> {
  const named = { ...weights };
  for (let layer = 0; layer < config.num_hidden_layers; layer++) {
    const block = `model.layers.${layer}.block_sparse_moe`;
    const take = (name: string) => {
      const tensor = named[name]!;
      delete named[name];
      return tensor;
    };
    const experts = Array.from({ length: config.num_local_experts }, (_, i) => `${block}.experts.${i}`);
    const reading = experts.map((name) => tf.concat([take(`${name}.w1.weight`), take(`${name}.w3.weight`)]));
    named[`model.layers.${layer}.mlp.experts.gate_up_proj`] = tf.stack(reading); // [experts, 2 x intermediate, width]
    named[`model.layers.${layer}.mlp.experts.down_proj`] = tf.stack(experts.map((name) => take(`${name}.w2.weight`)));
    named[`model.layers.${layer}.mlp.gate.weight`] = take(`${block}.gate.weight`);
  }
  return named;
}

/** The inverse of `fused`, through which gradients flow back. */
function hub(parameters: Record<string, tf.Tensor>, config: Case): Record<string, tf.Tensor> {
  const named = { ...parameters };
  for (let layer = 0; layer < config.num_hidden_layers; layer++) {
    const block = `model.layers.${layer}.block_sparse_moe`;
    const mlp = `model.layers.${layer}.mlp`;
    named[`${block}.gate.weight`] = parameters[`${mlp}.gate.weight`]!;
    tf.unstack(parameters[`${mlp}.experts.gate_up_proj`]!).forEach((both, i) => {
      const [w1, w3] = tf.split(both, 2) as [tf.Tensor, tf.Tensor];
      named[`${block}.experts.${i}.w1.weight`] = w1;
      named[`${block}.experts.${i}.w3.weight`] = w3;
    });
    tf.unstack(parameters[`${mlp}.experts.down_proj`]!).forEach((w2, i) => {
      named[`${block}.experts.${i}.w2.weight`] = w2;
    });
  }
  return named;
}

it('a case is of a block or of a whole model', () => {
  expect(cases('moe').length).toBeGreaterThanOrEqual(Math.max(1, models.length));
});

describe.each(models)('the decoder equals MixtralForCausalLM: %s', (folder) => {
  const expected: Case = readCase(folder);
  const config = decoderSizes(folder);

  it('logits, router logits, losses and gradients', async () => {
    const weights = readTensors(join(folder, 'model.safetensors'));
    const io = readTensors(join(folder, 'io.safetensors'));
    const ids = io.input_ids as tf.Tensor2D;
    const [batch, tokens] = ids.shape;
    const positions = tf.tile(tf.reshape(tf.range(0, tokens), [1, tokens]), [batch, 1]) as tf.Tensor2D;
    const hidden = io.attention_mask
      ? tf.mul(tf.sub(1, tf.reshape(io.attention_mask, [batch, 1, 1, tokens])), FORBIDDEN)
      : tf.scalar(0);
    const mask = tf.add(causalMask(tokens), hidden);
    const forward = (p: Record<string, tf.Tensor>) => {
      const output = decoder(p, config, { embeddings: embedTokens(p, ids), positions, mask });
      return { ...output, logits: vocabularyLogits(p, config, output.last) };
    };
    const output = forward(weights);
    expect(await largestDifference(output.logits, io.logits!)).toBeLessThanOrEqual(tolerance(2e-5, 2e-4));
    expect(output.routerLogits).toHaveLength(config.num_hidden_layers);
    for (const [i, logits] of output.routerLogits.entries()) {
      expect(await largestDifference(logits, io[`router_logits.${i}`]!)).toBeLessThanOrEqual(tolerance(5e-6, 5e-5));
    }
    for (const [i, state] of output.hiddenStates.slice(0, -1).entries()) {
      const reference = io[`hidden_states.${i}`];
      if (reference) expect(await largestDifference(state, reference)).toBeLessThanOrEqual(tolerance(2e-5, 2e-4));
    }

    const labels = tf.slice((io.labels ?? ids) as tf.Tensor2D, [0, 1], [batch, tokens - 1]);
    const counted = tf.reshape(tf.cast(tf.greaterEqual(labels, 0), 'float32'), [-1]);
    const targets = tf.reshape(tf.cast(tf.maximum(labels, 0), 'int32'), [-1]) as tf.Tensor1D;
    const losses = ({ logits, routerLogits }: ReturnType<typeof forward>) => {
      const predicted = tf.reshape(tf.slice(logits, [0, 0, 0], [batch, tokens - 1, config.vocab_size]), [
        batch * (tokens - 1),
        config.vocab_size,
      ]) as tf.Tensor2D;
      const text = tf.div(tf.sum(tf.mul(crossEntropy(predicted, targets), counted)), tf.sum(counted));
      return { text, balance: loadBalancingLoss(routerLogits, config, io.attention_mask) };
    };
    const { loss } = expected;
    const { text, balance } = losses(output);
    expect(Math.abs((await text.data())[0]! - loss.cross_entropy_fp64)).toBeLessThanOrEqual(GRADIENTS.loss);
    expect(Math.abs((await balance.data())[0]! - loss.aux_loss_fp64)).toBeLessThanOrEqual(tolerance(5e-6, 1e-5));

    const total = (p: Record<string, tf.Tensor>) => {
      const parts = losses(forward(hub(p, config)));
      return tf.add(parts.text, tf.mul(parts.balance, config.router_aux_loss_coef)) as tf.Scalar;
    };
    const facts = { value_fp64: loss.total_fp64, grads_fp64: loss.grads_fp64 };
    await expectGradients(total, fused(weights, config), facts, GRADIENTS);
  });
});
