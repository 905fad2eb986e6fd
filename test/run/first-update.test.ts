import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { TrainedEncoder } from '../../src/config/recipe.js';
import { collages, scaledDrawings } from '../../src/data/collage.js';
import { trainingImages } from '../../src/data/emoji/corpus.js';
import { writeImageSet } from '../../src/data/image-set.js';
import { drawSequences, noneDrawn } from '../../src/data/mixture.js';
import { pack } from '../../src/data/packing.js';
import { openEngine } from '../../src/engine/index.js';
import { aimSpecs } from '../../src/model/aim.js';
import { aimHeadSpecs, aimLoss } from '../../src/model/aim-objective.js';
import { clip, clipSpecs, contrastiveLoss } from '../../src/model/clip.js';
import { clipRegions, regionLoss } from '../../src/model/clip-regions.js';
import { decoderSpecs } from '../../src/model/decoder.js';
import { languageLoss, languageModel } from '../../src/model/multimodal.js';
import { initialise, prefixed } from '../../src/model/parameters.js';
import { aimConfig, aimHeadConfig, clipConfig, decoderConfig } from '../../src/model/sizes.js';
import { loadTrainingPictures } from '../../src/run/stages/encoders/pictures.js';
import { autoregressiveBatch } from '../../src/train/autoregressive.js';
import { loadWeights } from '../../src/train/checkpoint.js';
import { contrastiveBatch, regionBatch } from '../../src/train/contrastive.js';
import { encodeConcepts, languageBatch } from '../../src/train/language.js';
import {
  BATCH,
  CONCEPTS,
  corpus,
  encoder,
  expectUpdate,
  finish,
  firstUpdate,
  folder,
  folders,
  recipe,
  tokenizer,
} from './first-update.js';

beforeAll(async () => {
  await openEngine();
  folders.images = (await finish('images', { concepts: CONCEPTS, resolution: 56 })).at;
});

describe('the encoder', () => {
  const rate = 1.5e-3 / 4; // a tenth of 35 steps warms up
  const spec = (changes: Partial<TrainedEncoder>) => ({
    recipe: { ...recipe, encoder: { ...encoder, ...changes } },
    concepts: CONCEPTS,
  });
  /** CLIP's betas, epsilon and decay (Radford et al., 2021, table 18). */
  const adam = { beta1: 0.9, beta2: 0.98, epsilon: 1e-6, weightDecay: 0.2, clip: 1 };
  const config = clipConfig(recipe, tokenizer.vocabularySize);
  const drawn = { batch: BATCH, keepPatches: 9, seed: encoder.seed, tokens: 16 };

  /** The training pictures as CLIP draws from them: each concept with all of its own. */
  async function clipPictures() {
    const loaded = await loadTrainingPictures(folders.images!, CONCEPTS);
    const drawings = [...new Set(loaded.concepts)].map((concept) => ({
      concept,
      pictures: loaded.concepts.flatMap((one, place) => (one === concept ? [place] : [])),
    }));
    return { ...loaded, patch: 14, drawings };
  }

  it('sees every training picture, the first of the set too', async () => {
    const drawn = trainingImages(corpus);
    const at = folder();
    await writeImageSet(at, drawn, 28, () => {});
    const { concepts, pixels } = await loadTrainingPictures(at, CONCEPTS);
    expect(concepts.map(({ id }) => id)).toEqual(drawn.map(({ concept }) => concept.id));
    expect(pixels.length).toBe(drawn.length * 28 * 28 * 3);
  });

  it('CLIP over whole pictures', async () => {
    const pictures = await clipPictures();
    expectUpdate(await firstUpdate('encoder', spec({})), {
      start: initialise(clipSpecs(config), encoder.seed),
      loss: (weights) => contrastiveLoss(clip(weights, config, contrastiveBatch(pictures, drawn, tokenizer, 0)).logits),
      rate: () => rate,
      adam,
    });
  });

  it('CLIP over regions', async () => {
    const pictures = await clipPictures();
    const made = collages(scaledDrawings(pictures), { pictures: BATCH, regions: 4, seed: encoder.seed }, 0);
    const phrases = pictures.drawings.length;
    const cut = { ...drawn, resolution: 56, patch: 14, regions: 4, phrases };
    expectUpdate(await firstUpdate('encoder', spec({ contrast: 'regions' })), {
      start: initialise(clipSpecs(config), encoder.seed),
      loss(weights) {
        const batch = regionBatch(made, cut, tokenizer, 0);
        return regionLoss(clipRegions(weights, config, batch).logits, batch.filled, batch.names);
      },
      rate: () => rate,
      adam,
    });
  });

  it('AIM, with a head that is thrown away', async () => {
    // One picture, four patches and the widest model: a gradient that is long enough to be clipped.
    const seed = 21;
    const changed = spec({ type: 'aim', model: 'aim-3b', batch: 1, keep_patches: 4, seed });
    const trunk = aimConfig(changed.recipe);
    const specs = { ...aimSpecs(trunk), ...aimHeadSpecs(trunk, aimHeadConfig(recipe)) };
    const pictures = { ...(await loadTrainingPictures(folders.images!, CONCEPTS)), patch: 14 };
    expectUpdate(await firstUpdate('encoder', changed), {
      start: initialise(specs, seed),
      loss: (weights) =>
        aimLoss(weights, trunk, 4, autoregressiveBatch(pictures, { batch: 1, keepPatches: 4, seed }, 0)),
      rate: () => rate,
      adam: { beta1: 0.9, beta2: 0.95, epsilon: 1e-8, weightDecay: 0.05, clip: 1 },
    });
    const short = spec({ type: 'aim', model: 'aim-3b', steps: 1 });
    const { at } = await finish('encoder', short);
    expect(Object.keys(loadWeights(at)).sort()).toEqual(Object.keys(aimSpecs(trunk)).sort());
  });
});

describe('the language model', () => {
  it('learns from text alone', async () => {
    const config = decoderConfig(recipe, tokenizer.vocabularySize);
    const encoded = [...encodeConcepts(corpus, tokenizer).values()];
    const sequences = drawSequences(encoded, { caption: 0, question: 0, text: 1 }, 5, 0, BATCH, noneDrawn());
    const batch = languageBatch(pack(sequences, { text: 64, images: 0, slots: 0 }, tokenizer.pad));
    expectUpdate(await firstUpdate('language-model', { recipe, concepts: CONCEPTS }), {
      start: initialise(prefixed('language_model.', decoderSpecs(config)), 5),
      loss: (weights) => languageLoss(languageModel(weights, config, batch, null), config, batch),
      rate: () => 4e-3 / 5, // a tenth of 45 steps warms up
      adam: { beta1: 0.9, beta2: 0.95, epsilon: 1e-8, weightDecay: 0.1, clip: 1 },
    });
  });

  it('says how long a text it has read', async () => {
    const short = { ...recipe, language_model: { ...recipe.language_model, steps: 1 } };
    const { at } = await finish('language-model', { recipe: short, concepts: CONCEPTS });
    expect(JSON.parse(readFileSync(join(at, 'config.json'), 'utf8'))).toMatchObject({ max_position_embeddings: 64 });
  });
});
