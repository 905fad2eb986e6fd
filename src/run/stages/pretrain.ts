import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { DATA_KINDS, isFrozen, type Recipe } from '../../config/recipe.js';
import type { Drawn } from '../../data/drawn.js';
import type { PicturesSpec } from '../../data/pictures.js';
import { loadTokenizer, TOKENIZER_FILE } from '../../data/tokenizer/index.js';
import { CONNECTORS } from '../../model/connectors/index.js';
import { ENCODERS } from '../../model/encoders/index.js';
import {
  CONNECTOR_PREFIX,
  ENCODER_PREFIX,
  LANGUAGE_MODEL_PREFIX,
  languageLoss,
  multimodal,
} from '../../model/multimodal.js';
import { multimodalConfig } from '../../model/multimodal-config.js';
import { countParameters, initialise, type Parameters, prefixed } from '../../model/parameters.js';
import { openBatches } from '../../train/batches/open.js';
import { loadWeights } from '../../train/checkpoint.js';
import { drawnSummary } from '../../train/drawn-summary.js';
import { nonEmbeddingParameters, peakRate } from '../../train/paper-rate.js';
import type { StageRunner } from './stage-kind.js';
import { trainStage } from './training.js';

/** Betas of language-model training; MM1 does not give its own. */
export const LANGUAGE_ADAM = { beta1: 0.9, beta2: 0.95, epsilon: 1e-8, weightDecay: 0.1, clip: 1 };

/** MM1's multimodal pre-training (section 3): encoder, connector and language model learn, but for what is frozen. */
export const pretrain: StageRunner<'pretrain'> = async ({ recipe, seed }, context) => {
  const { training, connector, encoder, data, precision } = recipe;
  const { steps, batch, accumulate } = training;
  const language = context.parent('language-model');
  const tokenizer = join(language, TOKENIZER_FILE);
  const config = multimodalConfig(recipe, loadTokenizer(tokenizer).vocabularySize);
  const kinds = DATA_KINDS.filter((kind) => data[kind] > 0);
  const shown = kinds.filter((kind) => kind !== 'text').map((kind) => context.parent(`pictures ${kind}`));
  const corpora = Object.fromEntries(kinds.map((kind) => [kind, context.parent(`corpus ${kind}`)]));
  const room = { text: data.text_tokens, images: data.images, slots: connector.tokens };
  const pictures = shownOf(recipe, shown);

  const specs = prefixed(CONNECTOR_PREFIX, CONNECTORS[connector.type].specs(config.connector));
  const { learning, frozen } = divide(recipe, {
    ...(config.encoder && encoderWeights(recipe, context.parent('encoder'))),
    ...initialise(specs, seed),
    ...prefixed(LANGUAGE_MODEL_PREFIX, loadWeights(language)),
  });
  const rate = peakRate(training.learning_rate, config.decoder);
  const trained = await trainStage(context, {
    open: () =>
      openBatches('multimodal', { corpora, tokenizer, recipe: data, room, seed, batch, accumulate, pictures }),
    parameters: learning,
    frozen,
    seed,
    loss: (weights, batch) => languageLoss(multimodal(weights, config, batch, batch.pictures), config.decoder, batch),
    weight: ({ counted }) => tf.sum(counted),
    accumulate,
    steps,
    learningRate: rate,
    warmup: training.warmup,
    schedule: training.schedule,
    precision,
    adam: { ...LANGUAGE_ADAM, weightDecay: training.weight_decay, clip: training.clip },
    rateOf(name) {
      if (name.startsWith(CONNECTOR_PREFIX)) return connector.learning_rate / rate;
      return name.startsWith(ENCODER_PREFIX) ? training.encoder_learning_rate / rate : 1;
    },
  });
  return {
    'connector parameters': countParameters(specs),
    parameters: trained.parameters,
    frozen: training.freeze,
    encoder: encoder.model ?? encoder.checkpoint.sha256,
    'learning rate': rate,
    'parameters without embeddings': nonEmbeddingParameters(config.decoder),
    ...drawnSummary(data, trained.data as Drawn),
    ...trained.waiting,
    loss: trained.loss,
  };
};

/** What a recipe's model is shown of the pictures of some folders, which the features or the corpus stage wrote. */
export function shownOf(recipe: Recipe, folders: readonly string[]): PicturesSpec {
  const { resolution, patch, type } = recipe.encoder;
  if (!isFrozen(recipe.training.freeze, 'encoder')) return { folders, resolution, patch };
  return { folders, features: [(resolution / patch) ** 2, ENCODERS[type].width(recipe)] };
}

/** Weights of a pre-trained encoder that its features depend on, for a model that trains them on. */
function encoderWeights(recipe: Recipe, folder: string): Record<string, tf.Tensor> {
  const encoder = ENCODERS[recipe.encoder.type];
  const wanted = encoder.specs(recipe);
  const weights = loadWeights(folder, encoder.prefix);
  return Object.fromEntries(Object.keys(wanted).map((name) => [ENCODER_PREFIX + name, weights[name]!]));
}

/** Weights that learn, and weights of the parts that are frozen. */
function divide(recipe: Recipe, weights: Parameters): { learning: Parameters; frozen: Parameters } {
  const { freeze } = recipe.training;
  const prefixes = [
    ...(isFrozen(freeze, 'connector') ? [CONNECTOR_PREFIX] : []),
    ...(isFrozen(freeze, 'language_model') ? [LANGUAGE_MODEL_PREFIX] : []),
  ];
  const isKept = (name: string) => prefixes.some((prefix) => name.startsWith(prefix));
  const select = (kept: boolean) =>
    Object.fromEntries(Object.entries(weights).filter(([name]) => isKept(name) === kept));
  return { learning: select(false), frozen: select(true) };
}
