import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { dispose } from '@tensorflow/tfjs-core';
import type { LoadedLanguageModel } from '../../config/recipe.js';
import { loadEmojiCorpus } from '../../data/emoji/corpus.js';
import { drawSequences, noneDrawn } from '../../data/mixture.js';
import { pack } from '../../data/packing.js';
import { BUILT_IN_TOKENIZER, loadTokenizer, specialTokens, TOKENIZER_FILE } from '../../data/tokenizer/index.js';
import { decoderSpecs } from '../../model/decoder.js';
import { loadDecoder, saveDecoder } from '../../model/huggingface/index.js';
import { languageModel as forward, LANGUAGE_MODEL_PREFIX, languageLoss, part } from '../../model/multimodal.js';
import { initialise, prefixed } from '../../model/parameters.js';
import { decoderConfig } from '../../model/sizes.js';
import { unchanged } from '../../plan/checkpoints.js';
import type { LanguageModelTrainingSpec } from '../../plan/stage.js';
import { encodeConcepts, languageBatch, TEXT_LENGTH } from '../../train/language.js';
import { LANGUAGE_ADAM } from './pretrain.js';
import type { StageContext, StageRunner, Summary } from './stage-kind.js';
import { trainStage } from './training.js';

const WARMUP_SHARE = 0.1;
const TEXT_ALONE = { caption: 0, question: 0, text: 1 };

/** Pre-trains a decoder on text, or takes a published one: a folder as Hugging Face has it, with its tokenizer. */
export const languageModel: StageRunner<'language-model'> = (spec, context) =>
  'loaded' in spec ? load(spec.loaded, context) : trainOnText(spec, context);

/** Trains on the training concepts' text alone: it stands for the paper's pre-trained language model. */
async function trainOnText({ recipe, concepts }: LanguageModelTrainingSpec, context: StageContext): Promise<Summary> {
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
    save: (folder, weights) =>
      saveDecoder(folder, config, part(weights, LANGUAGE_MODEL_PREFIX), {
        tokens: specialTokens(tokenizer),
        max_position_embeddings: TEXT_LENGTH,
      }),
  });
  copyFileSync(BUILT_IN_TOKENIZER, join(context.folder, TOKENIZER_FILE));
  return { parameters, concepts: encoded.length, loss };
}

async function load({ checkpoint }: LoadedLanguageModel, context: StageContext): Promise<Summary> {
  const folder = unchanged('language_model', context.published(), checkpoint);
  const { config, parameters, ...facts } = loadDecoder(folder);
  saveDecoder(context.folder, config, parameters, facts);
  copyFileSync(join(folder, TOKENIZER_FILE), join(context.folder, TOKENIZER_FILE));
  const scalars = Object.values(parameters).reduce((total, { size }) => total + size, 0);
  dispose(parameters);
  return { checkpoint: checkpoint.sha256, parameters: scalars };
}
