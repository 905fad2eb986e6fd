import { copyFileSync, cpSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { loadTokenizer, specialTokens, TOKENIZER_FILE } from '../data/tokenizer/index.js';
import { saveDecoder } from '../model/huggingface/save.js';
import { CONNECTOR_PREFIX, ENCODER_PREFIX, LANGUAGE_MODEL_PREFIX, part } from '../model/multimodal.js';
import { multimodalConfig } from '../model/multimodal-config.js';
import type { Parameters } from '../model/parameters.js';
import { loadWeights, saveWeights } from '../train/checkpoint.js';
import type { TrainedVariant } from './trained-variant.js';

/** Files of an encoder's own folder that go along. */
const ENCODER_FILES = ['config.json', 'model.safetensors'];

/**
 * Writes a trained variant in Hugging Face's layout: language_model/ as transformers' LlamaForCausalLM or MixtralForCausalLM with its
 * tokenizer; encoder/ as it was pre-trained (CLIPModel; AIM's own), or the weights that learned along; connector/; recipe.json and a
 * model card. The engine must be open.
 * @param card the model card, in Markdown
 */
export async function exportWeights(trained: TrainedVariant, folder: string, card: string): Promise<void> {
  const { recipe } = trained.variant;
  const tokenizerFile = join(trained.folder('language-model'), TOKENIZER_FILE);
  const tokenizer = loadTokenizer(tokenizerFile);
  const { decoder, encoder } = multimodalConfig(recipe, tokenizer.vocabularySize);
  const weights = loadWeights(trained.folder('pretrain'));
  try {
    const language = join(folder, 'language_model');
    await saveDecoder(language, decoder, part(weights, LANGUAGE_MODEL_PREFIX), {
      tokens: specialTokens(tokenizer),
      max_position_embeddings: recipe.data.text_tokens + recipe.data.images * recipe.connector.tokens,
    });
    copyFileSync(tokenizerFile, join(language, TOKENIZER_FILE));
    await save(join(folder, 'connector'), part(weights, CONNECTOR_PREFIX));
    const tower = join(folder, 'encoder');
    if (encoder) await save(tower, part(weights, ENCODER_PREFIX));
    else {
      mkdirSync(tower, { recursive: true });
      for (const file of ENCODER_FILES) {
        const from = join(trained.folder('encoder'), file);
        if (existsSync(from)) cpSync(from, join(tower, file));
      }
    }
  } finally {
    tf.dispose(weights);
  }
  writeFileSync(join(folder, 'recipe.json'), `${JSON.stringify(recipe, null, 2)}\n`);
  writeFileSync(join(folder, 'README.md'), card);
}

async function save(folder: string, weights: Parameters): Promise<void> {
  mkdirSync(folder, { recursive: true });
  await saveWeights(folder, weights);
}
