import type { EncoderModel, Recipe, ScaleName } from '../config/recipe.js';
import type { ClipConfig } from './clip.js';
import type { DecoderConfig } from './decoder.js';
import type { MultimodalConfig } from './multimodal.js';
import type { VisionConfig } from './vision-transformer.js';

interface TowerSize {
  readonly width: number;
  readonly layers: number;
  readonly heads: number;
}

/** Widths and depths at one scale. `vit-l` stands for the paper's ViT-L by its place between the others, not by its size. */
interface ScaleSizes {
  readonly vision: Readonly<Record<EncoderModel, TowerSize>>;
  readonly text: TowerSize & { readonly tokens: number };
  readonly projection: number;
  readonly decoder: TowerSize & { readonly intermediate: number };
}

const SIZES: Readonly<Record<ScaleName, ScaleSizes>> = {
  smoke: {
    vision: {
      'vit-b': { width: 32, layers: 1, heads: 1 },
      'vit-l': { width: 32, layers: 2, heads: 1 },
      'vit-h': { width: 64, layers: 2, heads: 2 },
    },
    text: { width: 32, layers: 1, heads: 1, tokens: 16 },
    projection: 32,
    decoder: { width: 64, layers: 2, heads: 2, intermediate: 128 },
  },
  nano: {
    vision: {
      'vit-b': { width: 64, layers: 2, heads: 2 },
      'vit-l': { width: 96, layers: 2, heads: 3 },
      'vit-h': { width: 128, layers: 3, heads: 4 },
    },
    text: { width: 96, layers: 2, heads: 3, tokens: 24 },
    projection: 96,
    decoder: { width: 128, layers: 3, heads: 4, intermediate: 352 },
  },
};

const LAYER_NORM_EPSILON = 1e-5;

/** Sizes of a recipe's contrastive pre-training, for a tokenizer's number of entries. */
export function clipConfig(recipe: Pick<Recipe, 'scale' | 'encoder'>, vocabulary: number): ClipConfig {
  const { vision, text, projection } = SIZES[recipe.scale];
  const picture = vision[recipe.encoder.model];
  const visionConfig: VisionConfig = {
    ...tower(picture),
    image_size: recipe.encoder.resolution,
    patch_size: recipe.encoder.patch,
    pooling: 'average',
  };
  return {
    vision: visionConfig,
    text: { ...tower(text), vocab_size: vocabulary, max_position_embeddings: text.tokens },
    projection_dim: projection,
  };
}

function tower({ width, layers, heads }: TowerSize) {
  return {
    hidden_size: width,
    intermediate_size: 4 * width,
    num_hidden_layers: layers,
    num_attention_heads: heads,
    hidden_act: 'quick_gelu' as const,
    layer_norm_eps: LAYER_NORM_EPSILON,
  };
}

/** Sizes of a recipe's language model. */
export function decoderConfig(recipe: Pick<Recipe, 'scale'>, vocabulary: number): DecoderConfig {
  const { width, layers, heads, intermediate } = SIZES[recipe.scale].decoder;
  return {
    vocab_size: vocabulary,
    hidden_size: width,
    intermediate_size: intermediate,
    num_hidden_layers: layers,
    num_attention_heads: heads,
    num_key_value_heads: heads,
    rms_norm_eps: 1e-5,
    rope_theta: 10_000,
    tie_word_embeddings: true,
  };
}

/** Sizes of a recipe's multimodal model. The C-Abstractor is as wide inside as the encoder. */
export function multimodalConfig(recipe: Recipe, vocabulary: number): MultimodalConfig {
  const { width } = SIZES[recipe.scale].vision[recipe.encoder.model];
  const language = decoderConfig(recipe, vocabulary);
  return {
    connector: {
      type: recipe.connector.type,
      encoder_hidden_size: width,
      hidden_size: width,
      output_hidden_size: language.hidden_size,
      grid: recipe.encoder.resolution / recipe.encoder.patch,
      tokens: recipe.connector.tokens,
    },
    decoder: language,
  };
}
