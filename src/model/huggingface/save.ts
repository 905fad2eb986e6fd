import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Mm1Error } from '../../errors.js';
import { writeFetched } from '../../store/safetensors.js';
import { type ClipConfig, clipSpecs } from '../clip.js';
import { type DecoderConfig, decoderSpecs } from '../decoder.js';
import { fetched } from '../fetched.js';
import { type ParameterSpecs, type Parameters, under } from '../parameters.js';
import { type VisionConfig, visionSpecs } from '../vision-transformer.js';
import type { SpecialTokens } from './config-file.js';
import type { DecoderFacts } from './decoder-config.js';

// Settings of training and generation are left out: transformers has defaults, and refuses a 1 where it expects a 1.0.

// What transformers has no model for is written under one more key, which the loaders here read back and transformers
// passes over: `pooling: average` of a vision tower, `decoder_sparse_step` of a decoder with experts in some layers alone.

/**
 * Writes a CLIP model as transformers' CLIPModel reads it: config.json and model.safetensors. One that pools patches loads
 * there too, and gives pictures the class token's embedding, which it was not trained on.
 * @param tokens the tokenizer's; transformers reads a text at its first `eos_token_id`
 * @throws Mm1Error E_CHECKPOINT if the folder cannot be written
 */
export async function saveClip(
  folder: string,
  config: ClipConfig,
  parameters: Parameters,
  tokens: SpecialTokens,
): Promise<void> {
  const { text, vision, projection_dim } = config;
  const json = {
    architectures: ['CLIPModel'],
    dtype: 'float32',
    model_type: 'clip',
    projection_dim,
    text_config: { ...text, ...tokens, model_type: 'clip_text_model', projection_dim },
    vision_config: { ...visionKeys(vision), projection_dim },
  };
  await write(folder, json, clipSpecs(config), parameters);
}

/**
 * Writes a vision tower as transformers' CLIPVisionModel reads it: config.json and model.safetensors.
 * @param parameters under names that start with `vision_model.`
 * @throws Mm1Error E_CHECKPOINT if the folder cannot be written
 */
export async function saveVisionTower(folder: string, config: VisionConfig, parameters: Parameters): Promise<void> {
  const json = { architectures: ['CLIPVisionModel'], dtype: 'float32', ...visionKeys(config) };
  await write(folder, json, visionSpecs('vision_model.', config), parameters);
}

function visionKeys({ pooling, ...sizes }: VisionConfig) {
  return { ...sizes, model_type: 'clip_vision_model', num_channels: 3, ...(pooling !== 'class' && { pooling }) };
}

/**
 * Writes a language model as transformers' LlamaForCausalLM reads it, or MixtralForCausalLM where it has experts. Where
 * some layers alone have them, transformers finds those layers' weights, and misses the others'.
 * @throws Mm1Error E_CHECKPOINT if experts stand beside biases, which no model of transformers is like; or the folder
 *   cannot be written
 */
export async function saveDecoder(
  folder: string,
  config: DecoderConfig,
  parameters: Parameters,
  facts: DecoderFacts,
): Promise<void> {
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
    ...(step !== 1 && { decoder_sparse_step: step }),
  };
  if (num_local_experts !== undefined && (attention_bias || mlp_bias)) {
    throw new Mm1Error(
      'the model has experts and biases, and Mixtral, the only model with such experts, has no biases',
      {
        code: 'E_CHECKPOINT',
        where: folder,
        remedy: 'Write a model without attention_bias and mlp_bias.',
      },
    );
  }
  await write(folder, num_local_experts === undefined ? llama : mixtral, decoderSpecs(config), parameters);
}

async function write(folder: string, json: object, specs: ParameterSpecs, parameters: Parameters): Promise<void> {
  const p = under(parameters, '');
  const tensors = fetched(Object.fromEntries(Object.keys(specs).map((name) => [name, p(name)])));
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
  await writeFetched(join(folder, 'model.safetensors'), tensors, { format: 'pt' });
}
