import type { Recipe } from '../config/recipe.js';
import type { Mixture } from '../config/scales.js';
import { decoderScale, SIZES, type TowerSize } from '../config/sizes.js';
import type { AimConfig } from './aim.js';
import type { AimHeadConfig } from './aim-objective.js';
import type { ClipConfig } from './clip.js';
import type { DecoderConfig } from './decoder.js';
import type { MixtureConfig } from './mixture-of-experts.js';
import type { VisionConfig } from './vision-transformer.js';

type EncoderRecipe = Pick<Recipe, 'scale' | 'encoder'>;

/** The entry of a model's name; that the name fits the encoder's type is one of the rules of a recipe. */
function named<Size>(sizes: Readonly<Record<string, Size>>, model: string | undefined): Size {
  const size = model === undefined ? undefined : sizes[model];
  if (size === undefined) throw new Error(`no ${model} among ${Object.keys(sizes).join(', ')}`);
  return size;
}

const CLIP_NORM_EPSILON = 1e-5;
const AIM_NORM_EPSILON = 1e-6;

/** Sizes of a recipe's contrastive pre-training, for a tokenizer's number of entries. */
export function clipConfig({ scale, encoder }: EncoderRecipe, vocabulary: number): ClipConfig {
  const { clip, textTokens, pooling } = SIZES[scale];
  const { vision, text, projection } = named(clip, encoder.model);
  const visionConfig: VisionConfig = {
    ...tower(vision),
    image_size: encoder.resolution,
    patch_size: encoder.patch,
    pooling,
  };
  return {
    vision: visionConfig,
    text: { ...tower(text), vocab_size: vocabulary, max_position_embeddings: textTokens },
    projection_dim: projection,
  };
}

/** Sizes of a recipe's vision tower, at the recipe's resolution: a checkpoint has its own. */
export function visionConfig(recipe: EncoderRecipe): VisionConfig {
  const { checkpoint, resolution } = recipe.encoder;
  // The text tower, and with it the vocabulary, plays no part.
  if (!checkpoint) return clipConfig(recipe, 0).vision;
  // Its reader wrote it so: src/plan/checkpoints.ts.
  const own = checkpoint.sizes as unknown as VisionConfig;
  return { ...own, image_size: resolution };
}

function tower({ width, layers, heads }: TowerSize) {
  return {
    hidden_size: width,
    intermediate_size: 4 * width,
    num_hidden_layers: layers,
    num_attention_heads: heads,
    hidden_act: 'quick_gelu' as const,
    layer_norm_eps: CLIP_NORM_EPSILON,
  };
}

/** Sizes of a recipe's autoregressive image model. */
export function aimConfig({ scale, encoder }: EncoderRecipe): AimConfig {
  const { width, layers, heads } = named(SIZES[scale].aim, encoder.model);
  return {
    patch_size: encoder.patch,
    embed_dim: width,
    num_blocks: layers,
    num_heads: heads,
    mlp_ratio: 4,
    layer_norm_eps: AIM_NORM_EPSILON,
  };
}

/** Sizes of the head that AIM is pre-trained with: at the paper's own sizes 2048 wide, which is the width of aim-1b. */
export function aimHeadConfig({ scale }: Pick<Recipe, 'scale'>): AimHeadConfig {
  const { aim, aimHeadBlocks } = SIZES[scale];
  return { hidden: aim['aim-1b'].width, depth: aimHeadBlocks };
}

/**
 * Sizes of a recipe's language model.
 * @param vocabulary entries of the tokenizer; a checkpoint has as many as its own config.json says
 */
export function decoderConfig(recipe: Pick<Recipe, 'scale' | 'language_model'>, vocabulary: number): DecoderConfig {
  const { checkpoint, type, experts, expert_every } = recipe.language_model;
  if (checkpoint) return checkpoint.sizes as unknown as DecoderConfig;
  const { width, layers, heads, keyValueHeads, intermediate } = SIZES[decoderScale(recipe)].decoder;
  return {
    vocab_size: vocabulary,
    hidden_size: width,
    intermediate_size: intermediate,
    num_hidden_layers: layers,
    num_attention_heads: heads,
    num_key_value_heads: keyValueHeads,
    rms_norm_eps: 1e-5,
    rope_theta: 10_000,
    tie_word_embeddings: true,
    ...(type === 'moe' && mixtureConfig({ experts: experts!, expert_every: expert_every! })),
  };
}

/** Sizes of a decoder's experts. */
function mixtureConfig({ experts, expert_every }: Mixture): Required<MixtureConfig> {
  return { num_local_experts: experts, num_experts_per_tok: 2, decoder_sparse_step: expert_every };
}
