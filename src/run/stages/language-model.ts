import { loadEmojiCorpus } from '../../data/emoji/corpus.js';
import { drawSequences, noneDrawn } from '../../data/mixture.js';
import { pack } from '../../data/packing.js';
import { loadTokenizer } from '../../data/tokenizer/index.js';
import { decoderSpecs } from '../../model/decoder.js';
import { languageModel as forward, LANGUAGE_MODEL_PREFIX, languageLoss } from '../../model/multimodal.js';
import { initialise, prefixed } from '../../model/parameters.js';
import { decoderConfig } from '../../model/sizes.js';
import { encodeConcepts, languageBatch, TEXT_LENGTH } from '../../train/language.js';
import { LANGUAGE_ADAM } from './pretrain.js';
import type { StageRunner } from './stage-kind.js';
import { trainStage } from './training.js';

const WARMUP_SHARE = 0.1;
const TEXT_ALONE = { caption: 0, question: 0, text: 1 };

/** Pre-trains a decoder on the training concepts' text alone: it stands for the paper's pre-trained language model. */
export const languageModel: StageRunner<'language-model'> = async ({ recipe, concepts }, context) => {
  const settings = recipe.language_model;
  const tokenizer = loadTokenizer();
  const config = decoderConfig(recipe, tokenizer.vocabularySize);
  const encoded = [...encodeConcepts(loadEmojiCorpus({ concepts }), tokenizer).values()];
  const specs = prefixed(LANGUAGE_MODEL_PREFIX, decoderSpecs(config));
  const { parameters, loss } = await trainStage(context, {
    parameters: initialise(specs, settings.seed),
    seed: settings.seed,
    batch(step) {
      const sequences = drawSequences(encoded, TEXT_ALONE, settings.seed, step, settings.batch, noneDrawn());
      return languageBatch(pack(sequences, { text: TEXT_LENGTH, images: 0, slots: 0 }, tokenizer.pad));
    },
    loss: (weights, batch) => languageLoss(forward(weights, config, batch, null), config, batch),
    steps: settings.steps,
    learningRate: settings.learning_rate,
    warmup: Math.round(settings.steps * WARMUP_SHARE),
    adam: LANGUAGE_ADAM,
  });
  return { parameters, concepts: encoded.length, loss };
};
