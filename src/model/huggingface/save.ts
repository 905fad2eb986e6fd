import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Mm1Error } from '../../errors.js';
import { type StoredTensor, writeSafetensors } from '../../store/safetensors.js';
import { type ClipConfig, clipSpecs } from '../clip.js';
import { type DecoderConfig, decoderSpecs } from '../decoder.js';
import { type ParameterSpecs, type Parameters, under } from '../parameters.js';
import type { SpecialTokens } from './config-file.js';
import type { DecoderFacts } from './decoder-config.js';

// Settings of training and generation are left out: transformers has defaults, and refuses a 1 where it expects a 1.0.

/**
 * Writes a CLIP model as transformers' CLIPModel reads it: config.json and model.safetensors.
 * @param tokens the tokenizer's; transformers reads a text at its first `eos_token_id`
 * @throws Mm1Error E_CHECKPOINT if it pools patches, which CLIPModel does not, or the folder cannot be written
 */
export function saveClip(folder: string, config: ClipConfig, parameters: Parameters, tokens: SpecialTokens): void {
  const { text, projection_dim } = config;
  const { pooling, ...vision } = config.vision;
  if (pooling !== 'class') {
    throw unsupported(folder, 'its pictures are the mean of their patches, and those of CLIPModel are a class token');
  }
  const json = {
    architectures: ['CLIPModel'],
    dtype: 'float32',
    model_type: 'clip',
    projection_dim,
    text_config: { ...text, ...tokens, model_type: 'clip_text_model', projection_dim },
    vision_config: { ...vision, model_type: 'clip_vision_model', num_channels: 3, projection_dim },
  };
  write(folder, json, clipSpecs(config), parameters);
}

/**
 * Writes a language model as transformers' LlamaForCausalLM reads it, or MixtralForCausalLM where each layer has experts.
 * @throws Mm1Error E_CHECKPOINT if some layers alone have experts, or experts stand beside biases, which no model of
 *   transformers is like; or the folder cannot be written
 */
export function saveDecoder(folder: string, config: DecoderConfig, parameters: Parameters, facts: DecoderFacts): void {
  const { decoder_sparse_step: step = 1, rope_theta, attention_bias, mlp_bias, num_local_experts, ...sizes } = config;
  const shared = {
    ...sizes,
    ...facts.tokens,
    dtype: 'float32',
    head_dim: config.head_dim ?? config.hidden_size / config.num_attention_heads,
    hidden_act: 'silu',
    max_position_embeddings: facts.max_position_embeddings,
    rope_parameters: { rope_theta, rope_type: 'default' },
    rope_theta, // transformers 4 reads it here
  };
  const llama = {
    ...shared,
    architectures: ['LlamaForCausalLM'],
    attention_bias: attention_bias ?? false,
    mlp_bias: mlp_bias ?? false,
    model_type: 'llama',
  };
  const mixtral = {
    ...shared,
    architectures: ['MixtralForCausalLM'],
    model_type: 'mixtral',
    num_local_experts,
    sliding_window: null,
  };
  if (num_local_experts !== undefined && step !== 1) {
    throw unsupported(folder, `one layer in ${step} has experts, and in Mixtral every layer has`);
  }
  if (num_local_experts !== undefined && (attention_bias || mlp_bias)) {
    throw unsupported(folder, 'it has experts and biases, and Mixtral has no biases');
  }
  write(folder, num_local_experts === undefined ? llama : mixtral, decoderSpecs(config), parameters);
}

function write(folder: string, json: object, specs: ParameterSpecs, parameters: Parameters): void {
  const p = under(parameters, '');
  const tensors = new Map<string, StoredTensor>();
  for (const [name, { shape }] of Object.entries(specs)) {
    const tensor = p(name);
    tensors.set(name, {
      shape,
      // Fetched when it is written, so that no more than one is in memory twice.
      get values() {
        return tensor.dataSync() as Float32Array;
      },
    });
  }
  try {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'config.json'), `${JSON.stringify(json, null, 2)}\n`);
  } catch (cause) {
    throw new Mm1Error('the checkpoint cannot be written', {
      code: 'E_CHECKPOINT',
      where: folder,
      remedy: 'Choose a folder that can be written.',
      cause,
    });
  }
  writeSafetensors(join(folder, 'model.safetensors'), tensors, { format: 'pt' });
}

function unsupported(folder: string, why: string): Mm1Error {
  return new Mm1Error(`the model has no place among those of transformers: ${why}`, {
    code: 'E_CHECKPOINT',
    where: folder,
    remedy: "Read it with mm1, in mm1's own checkpoints.",
  });
}
