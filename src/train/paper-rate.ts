import { type DecoderConfig, decoderSpecs } from '../model/decoder.js';
import { countParameters } from '../model/parameters.js';

/**
 * MM1's peak learning rate for a number of non-embedding parameters, exp(-0.4214 ln N - 0.5535): a line through the best
 * rates of a grid search at 9M, 85M, 302M and 1.2B parameters (section 3.3, figure 6). Weight decay is a tenth of it, as
 * torch's AdamW multiplies its weight_decay of 0.1 by the rate.
 */
export function paperLearningRate(nonEmbedding: number): number {
  return Math.exp(-0.4214 * Math.log(nonEmbedding) - 0.5535);
}

/** Parameters outside the tables of the vocabulary. A mixture of experts counts as its dense backbone, whose rate MM1 gives it (section 4). */
export function nonEmbeddingParameters(config: DecoderConfig): number {
  const { num_local_experts: _experts, ...dense } = config;
  const { 'model.embed_tokens.weight': _table, 'lm_head.weight': _head, ...others } = decoderSpecs(dense);
  return countParameters(others);
}

/** Peak rate of a language model's training: the number given, or MM1's for its size. */
export function peakRate(learningRate: number | 'paper', config: DecoderConfig): number {
  return learningRate === 'paper' ? paperLearningRate(nonEmbeddingParameters(config)) : learningRate;
}
