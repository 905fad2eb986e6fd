import { expect, it } from 'vitest';
import { paperLearningRate } from '../../src/config/paper-rate.js';
import type { DecoderConfig } from '../../src/model/decoder.js';
import { nonEmbeddingParameters, peakRate } from '../../src/train/paper-rate.js';

// The values that the rule gives, to three digits, at the sizes of MM1's own search and models.
it.each([
  [9e6, 6.75e-4],
  [85e6, 2.62e-4],
  [302e6, 1.54e-4],
  [1.2e9, 8.58e-5],
  [2.9e9, 5.92e-5],
  [6.4e9, 4.24e-5],
  [30e9, 2.21e-5],
])('%d parameters: %d', (parameters, rate) => {
  expect(Math.abs(paperLearningRate(parameters) / rate - 1)).toBeLessThan(3.3e-3);
});

const config: DecoderConfig = {
  vocab_size: 50,
  hidden_size: 16,
  intermediate_size: 24,
  num_hidden_layers: 2,
  num_attention_heads: 2,
  num_key_value_heads: 1,
  rms_norm_eps: 1e-5,
  rope_theta: 10_000,
  tie_word_embeddings: false,
};
/** By hand: queries and outputs, keys and values of one head of 8, SwiGLU, two gains a layer; the last gain. */
const COUNTED = 2 * (2 * 16 * 16 + 2 * 8 * 16 + 3 * 16 * 24 + 2 * 16) + 16;

it.each([
  ['untied', config],
  ['tied', { ...config, tie_word_embeddings: true }],
  ['a mixture of experts counts as its dense backbone', { ...config, num_local_experts: 8, num_experts_per_tok: 2 }],
])('the tables of the vocabulary do not count: %s', (_, own) => {
  expect(nonEmbeddingParameters(own)).toBe(COUNTED);
});

it("a recipe gives a rate or asks for the paper's", () => {
  expect(peakRate(1e-3, config)).toBe(1e-3);
  expect(peakRate('paper', config)).toBe(paperLearningRate(COUNTED));
});
