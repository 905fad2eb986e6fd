import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { openEngine } from '../../src/engine/index.js';
import { type DecoderConfig, decoder, embedTokens, vocabularyLogits } from '../../src/model/decoder.js';
import { causalMask } from '../../src/model/layers/index.js';
import { textLoss } from '../../src/model/multimodal.js';
import { cases, expectGradients, largestDifference, readCase, readTensors } from './golden.js';

beforeAll(async () => {
  await openEngine();
});

function run(weights: Record<string, tf.Tensor>, config: DecoderConfig, ids: tf.Tensor2D) {
  const [batch, tokens] = ids.shape;
  const positions = tf.tile(tf.reshape(tf.range(0, tokens), [1, tokens]), [batch, 1]) as tf.Tensor2D;
  return decoder(weights, config, { embeddings: embedTokens(weights, ids), positions, mask: causalMask(tokens) });
}

describe.each(cases('llama'))('decoder equals LlamaForCausalLM: %s', (folder) => {
  it('hidden states, logits, loss and gradients', () => {
    const { config, loss } = readCase(folder);
    const weights = readTensors(join(folder, 'model.safetensors'));
    const io = readTensors(join(folder, 'io.safetensors'));
    const ids = io.input_ids as tf.Tensor2D;
    const { hiddenStates, last } = run(weights, config, ids);
    for (let i = 0; i < config.num_hidden_layers; i++) {
      expect(largestDifference(hiddenStates[i]!, io[`hidden_states.${i}`]!)).toBeLessThanOrEqual(3e-5);
    }
    expect(largestDifference(last, io.last_hidden_state!)).toBeLessThanOrEqual(3e-5);
    expect(largestDifference(vocabularyLogits(weights, config, last), io.logits!)).toBeLessThanOrEqual(3e-5);

    const [batch, tokens] = ids.shape;
    const labels = tf.slice(io.labels as tf.Tensor2D, [0, 1], [batch, tokens - 1]);
    const targets = tf.cast(tf.maximum(labels, 0), 'int32') as tf.Tensor2D;
    const counted = tf.cast(tf.greaterEqual(labels, 0), 'float32') as tf.Tensor2D;
    const f = (p: Record<string, tf.Tensor>) => {
      const logits = vocabularyLogits(p, config, run(p, config, ids).last);
      const predicted = tf.slice(logits, [0, 0, 0], [batch, tokens - 1, config.vocab_size]);
      return textLoss(predicted, targets, counted);
    };
    expectGradients(f, weights, loss, { loss: 5e-6, relative: 5e-5 });
  });
});
