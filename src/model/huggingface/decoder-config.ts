import { z } from 'zod';
import type { DecoderConfig } from '../decoder.js';
import { badConfig, epsilon, layers, readJson, type SpecialTokens, size, tokenId, tokenIds } from './config-file.js';

/** What config.json says of a language model beside the sizes of its layers. */
export interface DecoderFacts {
  readonly tokens: SpecialTokens;
  /** Longest sequence that it was trained on, in tokens. */
  readonly max_position_embeddings: number;
}

/** Rotary positions: transformers 5 has all in rope_parameters, transformers 4 what is special in rope_scaling. */
const rope = z
  .object({
    rope_type: z.string().optional(),
    type: z.string().optional(),
    rope_theta: z.number().positive().optional(),
    partial_rotary_factor: z.number().nullish(),
  })
  .nullish();

const sharedShape = {
  vocab_size: size.default(32_000),
  hidden_size: size.default(4096),
  num_hidden_layers: layers.default(32),
  num_attention_heads: size.default(32),
  head_dim: size.nullish(),
  hidden_act: z.enum(['silu', 'swish']).default('silu'),
  tie_word_embeddings: z.boolean().default(false),
  rope_theta: z.number().positive().nullish(),
  rope_parameters: rope,
  rope_scaling: rope,
  partial_rotary_factor: z.number().nullish(),
  bos_token_id: tokenId.default(1),
  eos_token_id: tokenIds.default(2),
  pad_token_id: tokenId.default(null),
};

// A configuration leaves out what has transformers' default value: these (LlamaConfig, MixtralConfig).

const llamaSchema = z.object({
  ...sharedShape,
  intermediate_size: size.default(11_008),
  num_key_value_heads: size.nullish(),
  max_position_embeddings: size.default(2048),
  rms_norm_eps: epsilon.default(1e-6),
  attention_bias: z.boolean().default(false),
  mlp_bias: z.boolean().default(false),
});

const mixtralSchema = z.object({
  ...sharedShape,
  intermediate_size: size.default(14_336),
  num_key_value_heads: size.nullable().default(8),
  max_position_embeddings: size.default(131_072),
  rms_norm_eps: epsilon.default(1e-5),
  num_local_experts: size.max(1024).default(8),
  num_experts_per_tok: size.default(2),
  decoder_sparse_step: size.optional(), // a key of mm1's own here: src/model/huggingface/save.ts
  sliding_window: size.nullish(),
});

const kindSchema = z.object({ model_type: z.string() });

/** Base of the rotary frequencies where config.json does not give it, by model_type. */
const DEFAULT_THETA = { llama: 10_000, mixtral: 1_000_000 };

/**
 * Sizes of a LlamaForCausalLM or a MixtralForCausalLM.
 * @throws Mm1Error E_CHECKPOINT if config.json is of another model, or asks for what the decoder here does not have
 */
export function readDecoderConfig(folder: string): { config: DecoderConfig } & DecoderFacts {
  const refuse = (what: string) => badConfig(folder, 'config.json', what);
  const { model_type: type } = readJson(folder, 'config.json', kindSchema);
  if (type === 'llama') {
    const raw = readJson(folder, 'config.json', llamaSchema);
    const { attention_bias, mlp_bias } = raw;
    return common(raw, { attention_bias, mlp_bias }, DEFAULT_THETA.llama, refuse);
  }
  if (type === 'mixtral') {
    const raw = readJson(folder, 'config.json', mixtralSchema);
    const { num_local_experts, num_experts_per_tok, decoder_sparse_step: step } = raw;
    const { sliding_window: window, max_position_embeddings: longest } = raw;
    if (num_experts_per_tok > num_local_experts) {
      throw refuse(`num_experts_per_tok is ${num_experts_per_tok}, and there are ${num_local_experts} experts`);
    }
    if (window != null && window < longest) {
      throw refuse(`sliding_window is ${window}; read here is none, or one as long as max_position_embeddings`);
    }
    const experts = {
      num_local_experts,
      num_experts_per_tok,
      ...(step !== undefined && { decoder_sparse_step: step }),
    };
    return common(raw, experts, DEFAULT_THETA.mixtral, refuse);
  }
  throw refuse(`model_type is ${type}; expected is llama or mixtral`);
}

function common(
  raw: z.output<typeof llamaSchema> | z.output<typeof mixtralSchema>,
  special: Partial<DecoderConfig>,
  defaultTheta: number,
  refuse: (what: string) => Error,
): { config: DecoderConfig } & DecoderFacts {
  const { hidden_size, num_attention_heads: heads, bos_token_id, eos_token_id, pad_token_id } = raw;
  const turns = raw.rope_scaling ?? raw.rope_parameters ?? {};
  const ropeType = turns.rope_type ?? turns.type ?? 'default';
  if (ropeType !== 'default') throw refuse(`rope_type is ${ropeType}; read here is default alone`);
  if ((turns.partial_rotary_factor ?? raw.partial_rotary_factor ?? 1) !== 1) {
    throw refuse('partial_rotary_factor is not 1; read here are heads that are turned whole');
  }
  const keyValueHeads = raw.num_key_value_heads ?? heads;
  if (heads % keyValueHeads !== 0) throw refuse('num_attention_heads is no multiple of num_key_value_heads');
  const head = raw.head_dim ?? hidden_size / heads;
  if (!Number.isInteger(head / 2)) throw refuse(`a head is ${head} wide; rotary positions need an even width`);
  return {
    config: {
      vocab_size: raw.vocab_size,
      hidden_size,
      intermediate_size: raw.intermediate_size,
      num_hidden_layers: raw.num_hidden_layers,
      num_attention_heads: heads,
      num_key_value_heads: keyValueHeads,
      head_dim: head,
      rms_norm_eps: raw.rms_norm_eps,
      rope_theta: turns.rope_theta ?? raw.rope_theta ?? defaultTheta,
      tie_word_embeddings: raw.tie_word_embeddings,
      ...special,
    },
    tokens: { bos_token_id, eos_token_id, pad_token_id },
    max_position_embeddings: raw.max_position_embeddings,
  };
}
