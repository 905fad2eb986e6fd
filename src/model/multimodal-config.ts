import { type ConnectorType, isFrozen, type Recipe } from '../config/recipe.js';
import type { ConnectorConfig } from './connectors/index.js';
import type { DecoderConfig } from './decoder.js';
import { ENCODERS, type EncoderRecipe } from './encoders/index.js';
import { decoderConfig } from './sizes.js';

/** An encoder, a connector and a language model. */
export interface MultimodalConfig {
  /** None where it is frozen: its features are then computed once, and are what the model is shown. */
  readonly encoder: EncoderRecipe | null;
  readonly connector: { readonly type: ConnectorType } & ConnectorConfig;
  readonly decoder: DecoderConfig;
}

/** Sizes of a recipe's multimodal model. The C-Abstractor is as wide inside as the encoder. */
export function multimodalConfig(recipe: Recipe, vocabulary: number): MultimodalConfig {
  const width = ENCODERS[recipe.encoder.type].width(recipe);
  const language = decoderConfig(recipe, vocabulary);
  return {
    encoder: isFrozen(recipe.training.freeze, 'encoder') ? null : recipe,
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
