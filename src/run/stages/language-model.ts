import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { dispose } from '@tensorflow/tfjs-core';
import { fixedSeed } from '../../config/own-seed.js';
import type { LoadedLanguageModel } from '../../config/recipe.js';
import type { Drawn } from '../../data/drawn.js';
import { BUILT_IN_TOKENIZER, loadTokenizer, specialTokens, TOKENIZER_FILE } from '../../data/tokenizer/index.js';
import { decoderSpecs } from '../../model/decoder.js';
import { loadDecoder, saveDecoder } from '../../model/huggingface/index.js';
import { languageModel as forward, LANGUAGE_MODEL_PREFIX, languageLoss, part } from '../../model/multimodal.js';
import { initialise, prefixed } from '../../model/parameters.js';
import { decoderConfig } from '../../model/sizes.js';
import { unchanged } from '../../plan/checkpoints.js';
import type { LanguageModelTrainingSpec } from '../../plan/stage.js';
import { TEXT_ALONE } from '../../train/batches/drawn-batches.js';
import { openBatches } from '../../train/batches/open.js';
import { drawnSummary } from '../../train/drawn-summary.js';
import { LANGUAGE_ADAM } from './pretrain.js';
import type { StageContext, StageRunner, Summary } from './stage-kind.js';
import { trainStage } from './training.js';

const WARMUP_SHARE = 0.1;

/** Pre-trains a decoder on text, or takes a published one: a folder as Hugging Face has it, with its tokenizer. */
export const languageModel: StageRunner<'language-model'> = (spec, context) =>
  'loaded' in spec ? load(spec.loaded, context) : trainOnText(spec, context);

/** Trains on text alone: it stands for the paper's pre-trained language model. */
async function trainOnText({ recipe }: LanguageModelTrainingSpec, context: StageContext): Promise<Summary> {
  const { language_model: settings, data, precision } = recipe;
  const tokenizer = loadTokenizer();
  const config = decoderConfig(recipe, tokenizer.vocabularySize);
  const seed = fixedSeed(settings.seed);
  const specs = prefixed(LANGUAGE_MODEL_PREFIX, decoderSpecs(config));
  const room = { text: data.text_tokens, images: 0, slots: 0 };
  const mixture = { ...TEXT_ALONE, text_from: data.text_from };
  const trained = await trainStage(context, {
    open: () =>
      openBatches('language', {
        corpora: { text: context.parent('corpus') },
        recipe: mixture,
        room,
        seed,
        batch: settings.batch,
        accumulate: 1,
      }),
    parameters: initialise(specs, seed),
    seed,
    loss: (weights, batch) => languageLoss(forward(weights, config, batch, null), config, batch),
    steps: settings.steps,
    learningRate: settings.learning_rate,
    warmup: Math.round(settings.steps * WARMUP_SHARE),
    precision,
    adam: LANGUAGE_ADAM,
    save: (folder, weights) =>
      saveDecoder(folder, config, part(weights, LANGUAGE_MODEL_PREFIX), {
        tokens: specialTokens(tokenizer),
        max_position_embeddings: data.text_tokens,
      }),
  });
  copyFileSync(BUILT_IN_TOKENIZER, join(context.folder, TOKENIZER_FILE));
  const { parameters, loss, waiting } = trained;
  return { parameters, ...drawnSummary(mixture, trained.data as Drawn), ...waiting, loss };
}

async function load({ checkpoint }: LoadedLanguageModel, context: StageContext): Promise<Summary> {
  const folder = unchanged('language_model', context.published(), checkpoint);
  const { config, parameters, ...facts } = loadDecoder(folder);
  await saveDecoder(context.folder, config, parameters, facts);
  copyFileSync(join(folder, TOKENIZER_FILE), join(context.folder, TOKENIZER_FILE));
  const scalars = Object.values(parameters).reduce((total, { size }) => total + size, 0);
  dispose(parameters);
  return { checkpoint: checkpoint.sha256, parameters: scalars };
}
