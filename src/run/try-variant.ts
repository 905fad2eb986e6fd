import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { isFrozen } from '../config/recipe.js';
import { allPatches, cutPatches } from '../data/patches.js';
import { loadPicture } from '../data/picture.js';
import type { Pictures } from '../data/pictures.js';
import { loadTokenizer, TOKENIZER_FILE } from '../data/tokenizer/index.js';
import { Mm1Error } from '../errors.js';
import { ask } from '../evaluate/ask.js';
import { checkPrompt } from '../evaluate/context.js';
import { promptOf } from '../evaluate/prompts/compose.js';
import { IMAGE, QUESTION } from '../evaluate/prompts/templates.js';
import { ENCODERS } from '../model/encoders/index.js';
import { multimodalConfig } from '../model/multimodal-config.js';
import { loadWeights } from '../train/checkpoint.js';
import { encode } from './stages/features.js';
import type { TrainedVariant } from './trained-variant.js';

/** What a trained variant is asked by hand. */
export interface Trial {
  /** Path of a picture of any format; none for text alone. */
  readonly image: string | null;
  /** {image} says where the picture stands; it stands first where the prompt does not say. */
  readonly prompt: string;
  /** Longest answer, in tokens. */
  readonly limit: number;
  readonly stops: readonly string[];
}

/**
 * Asks a trained variant about any picture. The engine must be open.
 * @throws Mm1Error E_IMAGE where the picture cannot be read, E_CONTEXT where the prompt is longer than the model reads
 */
export async function tryVariant(trained: TrainedVariant, { image, prompt, limit, stops }: Trial): Promise<string> {
  const { recipe } = trained.variant;
  if (image === null && prompt.includes(IMAGE)) throw noPicture();
  const tokenizer = loadTokenizer(join(trained.folder('language-model'), TOKENIZER_FILE));
  const parameters = loadWeights(trained.folder('pretrain'));
  const config = multimodalConfig(recipe, tokenizer.vocabularySize);
  const pictures = await shown(trained, image);
  try {
    const template = image === null || prompt.includes(IMAGE) ? prompt : `${IMAGE}${prompt}`;
    // Nothing but the picture's mark means anything here.
    const query = { before: [], prompt: promptOf(template, { image, question: QUESTION }), choices: [] };
    checkPrompt(query, { tokenizer, config }, recipe);
    const [answer] = await ask(
      { parameters, config, tokenizer, pictures },
      { answer: 'written', limit, stops },
      [query],
      async () => {},
    );
    return answer!;
  } finally {
    tf.dispose(parameters);
    await pictures.close();
  }
}

/** One picture as the model is shown pictures: its patches, or a frozen encoder's features of them. */
async function shown({ variant: { recipe }, folder }: TrainedVariant, image: string | null): Promise<Pictures> {
  const { resolution, patch, type } = recipe.encoder;
  const size = 3 * patch * patch;
  const kept = allPatches(resolution, patch);
  const values = new Float32Array(kept.length * size);
  if (image !== null) cutPatches(await loadPicture(image, resolution), 0, resolution, patch, kept, values, 0);
  if (!isFrozen(recipe.training.freeze, 'encoder')) return pictureOf(image, [kept.length, size], values);
  const encoder = ENCODERS[type];
  const weights = loadWeights(folder('encoder'), encoder.prefix);
  const patches = tf.tensor3d(values, [1, kept.length, size]);
  const features = encode({ weights, recipe, patches });
  const seen = (await features.data()) as Float32Array;
  tf.dispose([weights, patches, features]);
  return pictureOf(image, [kept.length, encoder.width(recipe)], seen);
}

function pictureOf(image: string | null, shape: Pictures['shape'], values: Float32Array): Pictures {
  return { ids: image === null ? [] : [image], shape, read: async () => values, close: async () => {} };
}

function noPicture(): Mm1Error {
  return new Mm1Error(`the prompt says where a picture stands (${IMAGE}), and there is none`, {
    code: 'E_USAGE',
    remedy: 'Name a file with --image, or leave the mark out of the prompt.',
    status: 2,
  });
}
