import { paperLearningRate } from '../config/paper-rate.js';
import { type DecoderConfig, decoderSpecs } from '../model/decoder.js';
import { countParameters } from '../model/parameters.js';

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
