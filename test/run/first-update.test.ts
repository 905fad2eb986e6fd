import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { fixedSeed } from '../../src/config/own-seed.js';
import type { TrainedLanguageModel } from '../../src/config/recipe.js';
import { DocumentSet } from '../../src/data/document-set.js';
import { EncodedDocuments } from '../../src/data/encoded-documents.js';
import { addSequences, Mixture } from '../../src/data/mixture.js';
import { pack } from '../../src/data/packing.js';
import { openEngine } from '../../src/engine/index.js';
import { decoderSpecs } from '../../src/model/decoder.js';
import { languageLoss, languageModel } from '../../src/model/multimodal.js';
import { initialise, prefixed } from '../../src/model/parameters.js';
import { decoderConfig } from '../../src/model/sizes.js';
import { tensorsOf } from '../../src/train/batches/arrays.js';
import { TEXT_ALONE } from '../../src/train/batches/drawn-batches.js';
import { languageArrays } from '../../src/train/batches/language.js';
import {
  BATCH,
  expectUpdate,
  finish,
  firstUpdate,
  folders,
  language,
  makeCorpus,
  recipe,
  tokenizer,
  WAITING,
} from './first-update.js';

beforeAll(async () => {
  await openEngine();
  folders.corpus = await makeCorpus('text');
});

describe('the language model', () => {
  const { scale, precision, data } = recipe;
  const { text_from, text_tokens } = data;
  const spec = (changes: Partial<TrainedLanguageModel> = {}) => ({
    recipe: { scale, precision, language_model: { ...language, ...changes }, data: { text_from, text_tokens } },
  });

  /** The sequences of some steps, as the mixture draws them of text alone. */
  function drawn(steps: number) {
    const set = new DocumentSet(folders.corpus!);
    const text = new EncodedDocuments(set, tokenizer);
    const mixture = new Mixture({ text }, { ...TEXT_ALONE, text_from }, { text: 48, images: 0 });
    const sequences = Array.from({ length: steps }, (_, step) =>
      mixture.sequences(fixedSeed(language.seed), step, BATCH),
    );
    set.close();
    return sequences.flat();
  }

  it('learns from text alone', async () => {
    const config = decoderConfig(recipe, tokenizer.vocabularySize);
    const batch = tensorsOf(languageArrays(pack(drawn(1), { text: 48, images: 0, slots: 0 }, tokenizer.pad)));
    expectUpdate(await firstUpdate('language-model', spec()), {
      start: initialise(prefixed('language_model.', decoderSpecs(config)), fixedSeed(language.seed)),
      loss: (weights) => languageLoss(languageModel(weights, config, batch, null), config, batch),
      rate: () => 4e-3 / 5, // a tenth of 45 steps warms up
      adam: { beta1: 0.9, beta2: 0.95, epsilon: 1e-8, weightDecay: 0.1, clip: 1 },
    });
  });

  it('says how long a text it has read, and what it drew', async () => {
    const { at, summary } = await finish('language-model', spec({ steps: 2 }));
    expect(JSON.parse(readFileSync(join(at, 'config.json'), 'utf8'))).toMatchObject({ max_position_embeddings: 48 });
    const { tokens } = addSequences({}, drawn(2))['text emoji-texts']!;
    expect(summary).toMatchObject({
      'sequences drawn': { text: 2 * BATCH },
      'sequences asked': { text: 1 },
      'text tokens drawn': { text: tokens },
      'pictures drawn': { text: 0 },
      'sequences by source': { 'text emoji-texts': 2 * BATCH },
    });
  });

  it('goes on counting where it stopped, and comes to the same weights', async () => {
    const whole = await finish('language-model', spec({ steps: 4 }));
    const { checkpoints } = await firstUpdate('language-model', spec({ steps: 4 }));
    const rest = await finish('language-model', spec({ steps: 4 }), checkpoints);
    expect(rest.summary).toEqual({ ...whole.summary, ...WAITING });
    const weights = ({ at }: typeof whole) => readFileSync(join(at, 'model.safetensors'));
    expect(weights(rest).equals(weights(whole))).toBe(true);
  });
});
