import {
  AIM_MODELS,
  CLIP_MODELS,
  CONNECTOR_TYPES,
  type ConnectorType,
  type EncoderModel,
  type LanguageModelType,
  type TrainedRecipe,
  UNREDUCED_CONNECTORS,
} from '../../config/recipe.js';
import { MIXTURES } from '../../config/scales.js';
import { aimSpecs } from '../aim.js';
import { CONNECTORS, type ConnectorConfig } from '../connectors/index.js';
import { type DecoderConfig, decoderSpecs } from '../decoder.js';
import { multimodalConfig } from '../multimodal-config.js';
import { countParameters } from '../parameters.js';
import { aimConfig, clipConfig, decoderConfig } from '../sizes.js';
import { visionSpecs } from '../vision-transformer.js';
import { connectorFlops } from './connector.js';
import { decoderFlops, decoderParameters } from './decoder.js';
import { aimFlops, visionFlops } from './encoder.js';
import { type Memory, memoryOf } from './memory.js';
import type { Flops } from './products.js';

/** A stack of blocks, as one reads it: how wide and how deep, and how many heads. */
interface Stack {
  readonly width: number;
  readonly layers: number;
  readonly heads: number;
}

export interface EncoderCosts extends Stack {
  readonly name: EncoderModel;
  readonly parameters: number;
  readonly patches: number;
  readonly flopsPerPicture: Flops;
  readonly memory: Memory;
}

export interface ConnectorCosts {
  readonly name: ConnectorType;
  readonly parameters: number;
  readonly patches: number;
  /** Visual tokens that it makes of them. */
  readonly tokens: number;
  readonly flopsPerPicture: Flops;
  readonly memory: Memory;
}

export interface DecoderCosts extends Stack {
  readonly name: LanguageModelType;
  readonly parameters: number;
  readonly nonEmbeddingParameters: number;
  /** Of these, what one token uses. */
  readonly activeParameters: number;
  readonly sequence: number;
  readonly flopsPerToken: Flops;
  readonly memory: Memory;
}

/** Every named model at one scale. */
export interface Catalogue {
  readonly encoders: readonly EncoderCosts[];
  /** Each between the recipe's encoder and its language model. */
  readonly connectors: readonly ConnectorCosts[];
  /** A mixture is not among them at a scale where the paper has none. */
  readonly decoders: readonly DecoderCosts[];
}

/**
 * Counts what every named model holds and costs, from the shapes of its weights: none is made.
 * @param recipe gives the scale, the resolution, the visual tokens and the encoder before the connectors
 * @param vocabulary entries of the tokenizer
 * @param sequence tokens of a sequence of the language model
 */
export function catalogue(recipe: TrainedRecipe, vocabulary: number, sequence: number): Catalogue {
  const { connector } = multimodalConfig(recipe, vocabulary);
  const mixture = MIXTURES[recipe.scale];
  const languageModel = (settings: Partial<TrainedRecipe['language_model']>) =>
    decoderConfig({ ...recipe, language_model: { ...recipe.language_model, ...settings } }, vocabulary);
  return {
    encoders: [
      ...CLIP_MODELS.map((model) => clipCosts(recipe, model)),
      ...AIM_MODELS.map((model) => aimCosts(recipe, model)),
    ],
    connectors: CONNECTOR_TYPES.map((type) => connectorCosts(type, connector)),
    decoders: [
      decoderCosts('dense', languageModel({ type: 'dense' }), sequence),
      ...(mixture ? [decoderCosts('moe', languageModel({ type: 'moe', ...mixture }), sequence)] : []),
    ],
  };
}

function patchesOf({ encoder }: TrainedRecipe): number {
  return (encoder.resolution / encoder.patch) ** 2;
}

function clipCosts(recipe: TrainedRecipe, name: EncoderModel): EncoderCosts {
  const { vision } = clipConfig({ ...recipe, encoder: { ...recipe.encoder, model: name } }, 0);
  const parameters = countParameters(visionSpecs('', vision));
  return {
    name,
    width: vision.hidden_size,
    layers: vision.num_hidden_layers,
    heads: vision.num_attention_heads,
    parameters,
    patches: patchesOf(recipe),
    flopsPerPicture: visionFlops(vision),
    memory: memoryOf(parameters),
  };
}

function aimCosts(recipe: TrainedRecipe, name: EncoderModel): EncoderCosts {
  const config = aimConfig({ ...recipe, encoder: { ...recipe.encoder, model: name } });
  const parameters = countParameters(aimSpecs(config));
  return {
    name,
    width: config.embed_dim,
    layers: config.num_blocks,
    heads: config.num_heads,
    parameters,
    patches: patchesOf(recipe),
    flopsPerPicture: aimFlops(config, patchesOf(recipe)),
    memory: memoryOf(parameters),
  };
}

function connectorCosts(name: ConnectorType, config: ConnectorConfig): ConnectorCosts {
  const patches = config.grid ** 2;
  const tokens = UNREDUCED_CONNECTORS.includes(name) ? patches : config.tokens;
  const own = { ...config, tokens };
  const parameters = countParameters(CONNECTORS[name].specs(own));
  const flopsPerPicture = connectorFlops(name, own);
  return { name, parameters, patches, tokens, flopsPerPicture, memory: memoryOf(parameters) };
}

function decoderCosts(name: DecoderCosts['name'], config: DecoderConfig, sequence: number): DecoderCosts {
  const specs = decoderSpecs(config);
  const { total, nonEmbedding, active } = decoderParameters(config, specs);
  return {
    name,
    width: config.hidden_size,
    layers: config.num_hidden_layers,
    heads: config.num_attention_heads,
    parameters: total,
    nonEmbeddingParameters: nonEmbedding,
    activeParameters: active,
    sequence,
    flopsPerToken: decoderFlops(config, specs, sequence),
    memory: memoryOf(total),
  };
}
