import { isFrozen, PARTS, type Recipe } from '../config/recipe.js';
import { sequenceLength } from '../config/sequence-length.js';
import { CONNECTORS } from '../model/connectors/index.js';
import { memoryOf } from '../model/costs/memory.js';
import { decoderSpecs } from '../model/decoder.js';
import { ENCODERS } from '../model/encoders/index.js';
import { multimodalConfig } from '../model/multimodal-config.js';
import { countParameters } from '../model/parameters.js';
import { aimConfig, visionConfig } from '../model/sizes.js';

/** What a variant holds, and what its training takes at its peak. */
export interface VariantSize {
  readonly parameters: { readonly encoder: number; readonly connector: number; readonly language_model: number };
  /** Of these, what its own training changes. */
  readonly learning: number;
  /** Bytes of weights, gradients, moments and activations of its own training, about. */
  readonly memory: number;
}

/** Counts a variant's weights, and what its multimodal training takes; activations by Korthikanti et al. (2022), section 4.1. */
export function variantSize(recipe: Recipe, vocabulary: number): VariantSize {
  const { training, connector, data } = recipe;
  const config = multimodalConfig(recipe, vocabulary);
  const parameters = {
    encoder: countParameters(ENCODERS[recipe.encoder.type].specs(recipe)),
    connector: countParameters(CONNECTORS[connector.type].specs(config.connector)),
    language_model: countParameters(decoderSpecs(config.decoder)),
  };
  const parts = PARTS.filter((part) => !isFrozen(training.freeze, part));
  const learning = parts.reduce((sum, part) => sum + parameters[part], 0);
  // A frozen encoder is not there: its features are.
  const still = parameters.connector + parameters.language_model + (parts.includes('encoder') ? parameters.encoder : 0);
  const rows = training.batch / training.accumulate;
  const { hidden_size: width, num_hidden_layers: layers, num_attention_heads: heads } = config.decoder;
  const language = activations(rows, sequenceLength(data, connector.tokens), width, layers, heads);
  const patches = config.connector.grid ** 2;
  const pictures = rows * data.images;
  const tower = parts.includes('encoder') ? towerActivations(recipe, pictures, patches) : 0;
  const features = pictures * patches * config.connector.encoder_hidden_size * 4 * CONNECTOR_COPIES;
  const memory = memoryOf(learning).training + memoryOf(still - learning).weights + language + tower + features;
  return { parameters, learning, memory };
}

/** How often a connector keeps the features of a picture for its backward pass, about. */
const CONNECTOR_COPIES = 12;

/** Bytes that layers keep for the backward pass: s b h (34 + 5 a s / h) a layer in 16 bits, twice that in 32. */
function activations(rows: number, tokens: number, width: number, layers: number, heads: number): number {
  return 2 * layers * tokens * rows * width * (34 + (5 * heads * tokens) / width);
}

function towerActivations(recipe: Recipe, pictures: number, patches: number): number {
  if (recipe.encoder.type === 'clip') {
    const { hidden_size, num_hidden_layers, num_attention_heads } = visionConfig(recipe);
    return activations(pictures, patches, hidden_size, num_hidden_layers, num_attention_heads);
  }
  const { embed_dim, num_blocks, num_heads } = aimConfig(recipe);
  return activations(pictures, patches, embed_dim, num_blocks, num_heads);
}
