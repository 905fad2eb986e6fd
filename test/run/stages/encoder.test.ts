import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fixedSeed } from '../../../src/config/own-seed.js';
import type { TrainedEncoder } from '../../../src/config/recipe.js';
import { type CaptionCorpus, openCaptionCorpus } from '../../../src/data/caption-corpus.js';
import { ENCODER_SETS } from '../../../src/data/encoder-sets.js';
import { namedPictures } from '../../../src/data/named-pictures.js';
import { openEngine } from '../../../src/engine/index.js';
import { aimSpecs } from '../../../src/model/aim.js';
import { aimHeadSpecs, aimLoss } from '../../../src/model/aim-objective.js';
import { clip, clipSpecs, contrastiveLoss } from '../../../src/model/clip.js';
import { clipRegions, regionLoss } from '../../../src/model/clip-regions.js';
import { initialise } from '../../../src/model/parameters.js';
import { aimConfig, aimHeadConfig, clipConfig } from '../../../src/model/sizes.js';
import { tensorsOf } from '../../../src/train/batches/arrays.js';
import { autoregressiveBatch } from '../../../src/train/batches/autoregressive.js';
import { contrastiveBatch } from '../../../src/train/batches/contrastive.js';
import { regionBatch } from '../../../src/train/batches/regions.js';
import { loadWeights } from '../../../src/train/checkpoint.js';
import { captionFolder, type GivenCaption } from '../../data/caption-folder.js';
import {
  BATCH,
  encoder,
  expectUpdate,
  finish,
  firstUpdate,
  folder,
  folders,
  recipe,
  tokenizer,
} from '../first-update.js';

const SIDE = 56;
/** 12 first texts of two documents each, and one of eight with parts: more phrases than first texts in a step. */
const documents: readonly GivenCaption[] = [
  ...Array.from({ length: 24 }, (_, i) => ({ alt: [`name ${i % 12}`], rewritten: [`long ${i % 12}`] })),
  ...Array.from({ length: 8 }, (_, i) => ({
    alt: ['scene'],
    rewritten: [],
    parts: [0, 0.2, 0.4, 0.6].map((top) => ({ box: [top, 0.1, 0.4, 0.8] as const, phrase: `part ${i} ${top}` })),
  })),
];
const rate = 1.5e-3 / 4; // a tenth of 35 steps warms up
const trained: TrainedEncoder = { ...encoder, data: 'dfn-5b+vecap', pictures: 32 };
const spec = (changes: Partial<TrainedEncoder> = {}) => ({
  recipe: { scale: recipe.scale, precision: recipe.precision, encoder: { ...trained, ...changes } },
});
/** CLIP's betas, epsilon and decay (Radford et al., 2021, table 18). */
const adam = { beta1: 0.9, beta2: 0.98, epsilon: 1e-6, weightDecay: 0.2, clip: 1 };
const config = clipConfig(spec().recipe, tokenizer.vocabularySize);
const cut = { patch: 14, keepPatches: 9, seed: fixedSeed(encoder.seed), tokens: 16 };

let corpus: CaptionCorpus;
beforeAll(async () => {
  await openEngine();
  const paint = (picture: number, y: number, x: number) =>
    [7 * picture, (picture * y) % 256, (picture * x) % 256] as const;
  folders.corpus = await captionFolder(documents, SIDE, paint);
  corpus = await openCaptionCorpus(folders.corpus);
});
afterAll(() => corpus.close());

describe('the first update', () => {
  it.each(['dfn-5b+vecap', 'imagetext-400m'] as const)('of CLIP over whole pictures, on %s', async (data) => {
    const drawn = { ...cut, ...ENCODER_SETS[data], batch: BATCH };
    const batch = tensorsOf((await contrastiveBatch(corpus, drawn, tokenizer, 0)).arrays);
    expectUpdate(await firstUpdate('encoder', spec({ data })), {
      start: initialise(clipSpecs(config), fixedSeed(encoder.seed)),
      loss: (weights) => contrastiveLoss(clip(weights, config, batch).logits),
      rate: () => rate,
      adam,
    });
  });

  it('of CLIP over regions', async () => {
    // The first step is of whole pictures: 16 patches in place of 9, and so many fewer pictures.
    const fewer = 16 / 9;
    const count = Math.round(BATCH / fewer);
    const regions = Math.round(3 * fewer);
    const drawn = { ...ENCODER_SETS['dfn-5b+vecap'], pictures: count, drawings: 4, seed: fixedSeed(encoder.seed) };
    const { pictures } = await namedPictures(corpus, drawn, 0);
    expect(new Set(pictures.map(({ regions }) => regions[0]!.phrase.startsWith('part'))).size).toBe(2);
    const settings = { ...cut, keepPatches: 16, resolution: SIDE, regions, phrases: regions * count };
    const batch = tensorsOf(regionBatch(pictures, settings, tokenizer, 0));
    expectUpdate(await firstUpdate('encoder', spec({ contrast: 'regions' })), {
      start: initialise(clipSpecs(config), fixedSeed(encoder.seed)),
      loss: (weights) => regionLoss(clipRegions(weights, config, batch).logits, batch.filled, batch.names),
      rate: () => rate,
      adam,
    });
  });

  it('of AIM, with a head that is thrown away', async () => {
    // One picture, four patches and the widest model: a gradient that is long enough to be clipped.
    const seed = 3;
    const changed = spec({ type: 'aim', model: 'aim-3b', batch: 1, keep_patches: 4, seed });
    const trunk = aimConfig(changed.recipe);
    const specs = { ...aimSpecs(trunk), ...aimHeadSpecs(trunk, aimHeadConfig(recipe)) };
    const settings = { batch: 1, patch: 14, keepPatches: 4, seed };
    const batch = tensorsOf(await autoregressiveBatch(corpus.pool, settings, 0));
    expectUpdate(await firstUpdate('encoder', changed), {
      start: initialise(specs, seed),
      loss: (weights) => aimLoss(weights, trunk, 4, batch),
      rate: () => rate,
      adam: { beta1: 0.9, beta2: 0.95, epsilon: 1e-8, weightDecay: 0.05, clip: 1 },
    });
    const { at, summary } = await finish('encoder', spec({ type: 'aim', model: 'aim-3b', steps: 1 }));
    expect(Object.keys(loadWeights(at)).sort()).toEqual(Object.keys(aimSpecs(trunk)).sort());
    expect(summary).toMatchObject({ 'trained on': 'dfn-5b+vecap', pictures: 32 });
  });
});

describe('what a stage says of itself', () => {
  const steps = 6;
  const kept = { ...cut, ...ENCODER_SETS['imagetext-400m'], batch: BATCH };
  const said = spec({ data: 'imagetext-400m', steps });
  let mismatched = 0;
  beforeAll(async () => {
    for (let step = 0; step < steps; step++) {
      mismatched += (await contrastiveBatch(corpus, kept, tokenizer, step)).texts.mismatched;
    }
  });

  it('is the set, its pictures, and the texts that were drawn', async () => {
    const { summary } = await finish('encoder', said);
    expect(mismatched).toBeGreaterThan(0);
    expect(summary).toMatchObject({
      'trained on': 'imagetext-400m',
      pictures: 32,
      'first texts': 13,
      'rewritten texts, %': 0,
      'mismatched texts, %': (100 * mismatched) / (steps * BATCH),
    });
    expect(summary['waiting for data, %']).toBeGreaterThan(0);
  });

  it('is the same after an interruption, and so are the weights', async () => {
    const whole = await finish('encoder', said);
    // Stopped after its first update, with its checkpoint kept.
    const { checkpoints } = await firstUpdate('encoder', said);
    const resumed = await finish('encoder', said, checkpoints);
    const name = 'mismatched texts, %';
    expect(resumed.summary[name]).toBe(whole.summary[name]);
    const weights = ({ at }: { at: string }) => readFileSync(join(at, 'model.safetensors'));
    expect(weights(resumed).equals(weights(whole))).toBe(true);
  });

  it('has no texts where every picture has parts', async () => {
    const before = folders.corpus;
    folders.corpus = await captionFolder(documents.slice(24), SIDE, (picture) => [9 * picture, 0, 0]);
    const { summary } = await finish('encoder', spec({ contrast: 'regions', steps: 2 }), folder());
    expect(summary).toMatchObject({ pictures: 8, 'rewritten texts, %': 0, 'mismatched texts, %': 0 });
    folders.corpus = before;
  });
});
