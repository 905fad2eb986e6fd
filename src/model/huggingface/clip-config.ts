import { z } from 'zod';
import type { ClipConfig } from '../clip.js';
import type { VisionConfig } from '../vision-transformer.js';
import { badConfig, epsilon, layers, readJson, type SpecialTokens, size, tokenId, tokenIds } from './config-file.js';

const activation = z.enum(['quick_gelu', 'gelu', 'silu']).default('quick_gelu');

const headsDivide = {
  check: (tower: { hidden_size: number; num_attention_heads: number }) =>
    tower.hidden_size % tower.num_attention_heads === 0,
  message: 'hidden_size is no multiple of num_attention_heads',
};

// A configuration leaves out what has transformers' default value: these (CLIPTextConfig, CLIPVisionConfig, CLIPConfig).

const textSchema = z
  .object({
    vocab_size: size.default(49_408),
    hidden_size: size.default(512),
    intermediate_size: size.default(2048),
    num_hidden_layers: layers.default(12),
    num_attention_heads: size.default(8),
    max_position_embeddings: size.default(77),
    hidden_act: activation,
    layer_norm_eps: epsilon.default(1e-5),
    bos_token_id: tokenId.default(49_406),
    eos_token_id: tokenIds.default(49_407),
    pad_token_id: tokenId.default(1),
  })
  .refine(headsDivide.check, headsDivide.message);

const visionSchema = z
  .object({
    hidden_size: size.default(768),
    intermediate_size: size.default(3072),
    num_hidden_layers: layers.default(12),
    num_attention_heads: size.default(12),
    num_channels: z.literal(3).default(3),
    image_size: size.default(224),
    patch_size: size.default(32),
    hidden_act: activation,
    layer_norm_eps: epsilon.default(1e-5),
    pooling: z.enum(['class', 'average']).default('class'), // a key of mm1's own: src/model/huggingface/save.ts
  })
  .refine(headsDivide.check, headsDivide.message)
  .refine(({ image_size, patch_size }) => image_size >= patch_size, 'patch_size is larger than image_size')
  .transform(({ num_channels: _, ...vision }): VisionConfig => vision);

/** Early checkpoints name a tower's sizes twice; what ends in `_dict` then counts, alone. */
const clipSchema = z.object({
  text_config: textSchema.nullish(),
  text_config_dict: textSchema.nullish(),
  vision_config: visionSchema.nullish(),
  vision_config_dict: visionSchema.nullish(),
  projection_dim: size.default(512),
});

const kindSchema = z.object({ model_type: z.string() });

/** Sizes of a CLIPModel, and its special tokens. */
export function readClipConfig(folder: string): { config: ClipConfig; tokens: SpecialTokens } {
  const { model_type: type } = readJson(folder, 'config.json', kindSchema);
  if (type !== 'clip') throw badConfig(folder, 'config.json', `model_type is ${type}; expected is clip`);
  const raw = readJson(folder, 'config.json', clipSchema);
  const { bos_token_id, eos_token_id, pad_token_id, ...text } =
    raw.text_config_dict ?? raw.text_config ?? textSchema.parse({});
  const vision = raw.vision_config_dict ?? raw.vision_config ?? visionSchema.parse({});
  return {
    config: { text, vision, projection_dim: raw.projection_dim },
    tokens: { bos_token_id, eos_token_id, pad_token_id },
  };
}

/** Sizes of a CLIPVisionModel, or of the vision tower of a CLIPModel. */
export function readVisionConfig(folder: string): VisionConfig {
  const { model_type: type } = readJson(folder, 'config.json', kindSchema);
  if (type === 'clip') return readClipConfig(folder).config.vision;
  if (type === 'clip_vision_model') return readJson(folder, 'config.json', visionSchema);
  throw badConfig(folder, 'config.json', `model_type is ${type}; expected is clip or clip_vision_model`);
}
