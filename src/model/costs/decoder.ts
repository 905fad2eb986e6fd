import type { DecoderConfig } from '../decoder.js';
import type { ParameterSpecs } from '../parameters.js';
import { attentionProducts, type Flops, weightProducts } from './products.js';

/** How many scalars a decoder holds. */
export interface DecoderParameters {
  readonly total: number;
  /** Without the table of embeddings and, where it is another, that of the output. */
  readonly nonEmbedding: number;
  /** Of these, what one token uses: of a layer's experts only those that it is sent to. */
  readonly active: number;
}

const isEmbedding = (name: string) => name === 'model.embed_tokens.weight' || name === 'lm_head.weight';
const isExpert = (name: string) => name.includes('.experts.');

/** Share of a layer's experts that one token is sent to. */
function expertShare({ num_experts_per_tok: chosen = 1, num_local_experts: experts = 1 }: DecoderConfig): number {
  return chosen / experts;
}

/** Counts a decoder's parameters by the shapes of its weights, which are those of `decoderSpecs`. */
export function decoderParameters(config: DecoderConfig, specs: ParameterSpecs): DecoderParameters {
  let [total, embedding, experts] = [0, 0, 0];
  for (const [name, { shape }] of Object.entries(specs)) {
    const count = shape.reduce((a, b) => a * b);
    total += count;
    if (isEmbedding(name)) embedding += count;
    if (isExpert(name)) experts += count;
  }
  const nonEmbedding = total - embedding;
  return { total, nonEmbedding, active: nonEmbedding - experts * (1 - expertShare(config)) };
}

/**
 * Operations of the decoder on one token of a sequence, the scores of the next token included. Of a layer's experts those
 * count that a token is sent to (MM1's top-2), though src/model/mixture-of-experts.ts computes them all.
 * @param specs its weights, which are those of `decoderSpecs`
 * @param sequence tokens that a token attends to, forbidden ones included: the length of the whole sequence
 */
export function decoderFlops(config: DecoderConfig, specs: ParameterSpecs, sequence: number): Flops {
  const { num_hidden_layers: layers, num_attention_heads: heads } = config;
  const head = config.head_dim ?? config.hidden_size / heads;
  const named = (part: string, rows = 1) => weightProducts(specs, (name) => (name.includes(part) ? rows : 0));
  return {
    'attention projections': named('.self_attn.'),
    'attention scores': layers * attentionProducts(1, sequence, heads * head),
    mlp: named('.mlp.'),
    router: named('.block_sparse_moe.gate.'),
    experts: named('.experts.', expertShare(config)),
    vocabulary: named(config.tie_word_embeddings ? 'model.embed_tokens.' : 'lm_head.'),
  };
}
