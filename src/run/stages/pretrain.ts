import * as tf from '@tensorflow/tfjs-core';
import { loadEmojiCorpus, trainingImages } from '../../data/emoji/corpus.js';
import { FeatureSet } from '../../data/feature-set.js';
import { drawSequences, noneDrawn } from '../../data/mixture.js';
import { loadTokenizer } from '../../data/tokenizer/index.js';
import { CONNECTORS } from '../../model/connectors/index.js';
import { CONNECTOR_PREFIX, multimodal, textLoss } from '../../model/multimodal.js';
import { countParameters, initialise, prefixed } from '../../model/parameters.js';
import { multimodalConfig } from '../../model/sizes.js';
import { loadWeights } from '../../train/checkpoint.js';
import { encodeConcepts, languageBatch } from '../../train/language.js';
import type { StageRunner } from './stage-kind.js';
import { trainStage } from './training.js';

/** Betas of language-model training; MM1 does not give its own. */
export const LANGUAGE_ADAM = { beta1: 0.9, beta2: 0.95, epsilon: 1e-8, weightDecay: 0.1, clip: 1 };

/** MM1's multimodal pre-training (section 3): connector and language model learn, the encoder's features stand. */
export const pretrain: StageRunner<'pretrain'> = async ({ recipe, seed }, context) => {
  const { training, connector } = recipe;
  const tokenizer = loadTokenizer();
  const config = multimodalConfig(recipe, tokenizer.vocabularySize);
  const corpus = loadEmojiCorpus({ concepts: recipe.data.concepts });
  const features = new FeatureSet(context.parent('features'));
  const pictures = trainingImages(corpus).filter(({ id }) => features.has(id));
  const encoded = encodeConcepts(corpus, tokenizer);
  const concepts = pictures.map(({ concept }) => encoded.get(concept.id)!);

  const specs = prefixed(CONNECTOR_PREFIX, CONNECTORS[connector.type].specs(config.connector));
  const drawn = noneDrawn();
  const { parameters, loss } = await trainStage(context, {
    parameters: { ...initialise(specs, seed), ...loadWeights(context.parent('language-model')) },
    batch: (step) => {
      const sequences = drawSequences(concepts, recipe.data, seed, step, training.batch, drawn);
      const ids = sequences.map(({ image }) => (image === null ? null : pictures[image]!.id));
      return {
        ...languageBatch(sequences, tokenizer),
        features: tf.tensor3d(features.read(ids), [ids.length, features.patches, features.width]),
        shown: tf.tensor1d(
          ids.map((id) => (id === null ? 0 : 1)),
          'int32',
        ),
      };
    },
    loss: (weights, batch) =>
      textLoss(multimodal(weights, config, batch, batch.features, batch.shown), batch.targets, batch.counted),
    steps: training.steps,
    learningRate: training.learning_rate,
    warmup: training.warmup,
    adam: { ...LANGUAGE_ADAM, weightDecay: training.weight_decay, clip: training.clip },
    rateOf: (name) => (name.startsWith(CONNECTOR_PREFIX) ? connector.learning_rate / training.learning_rate : 1),
  });
  features.close();
  return {
    'connector parameters': countParameters(specs),
    parameters,
    pictures: pictures.length,
    'examples drawn': drawn,
    loss,
  };
};
