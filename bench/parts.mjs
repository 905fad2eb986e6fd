// How well the CLIPs of a run tell outlines apart, before any language model: each held-out thing of the world with its own
// phrase, beside the same phrase with the five other outlines. They have to be in the run's cache still.
//   npm run bench:parts -- --runs-dir runs --run latest

import { parseArgs } from 'node:util';
import * as tf from '@tensorflow/tfjs-core';
import { Presets, SingleBar } from 'cli-progress';
import { loadTokenizer } from '../dist/data/tokenizer/index.js';
import { partsOf, phraseOf } from '../dist/data/world/phrases.js';
import { worldPixels } from '../dist/data/world/pixels.js';
import { sceneAt } from '../dist/data/world/skills/index.js';
import { COLOUR_NAMES, FILLS, GRADES, SHAPES } from '../dist/data/world/vocabulary.js';
import { openEngine } from '../dist/engine/index.js';
import { clipRegions } from '../dist/model/clip-regions.js';
import { loadClip } from '../dist/model/huggingface/index.js';
import { readRun } from '../dist/report/observations.js';
import { StageCache } from '../dist/store/cache.js';
import { cacheFolder, databaseFile } from '../dist/store/place.js';
import { Store } from '../dist/store/store.js';
import { tensorsOf } from '../dist/train/batches/arrays.js';
import { encodeTexts } from '../dist/train/batches/encoded-texts.js';
import { regionBatch } from '../dist/train/batches/regions.js';

const { values: asked } = parseArgs({
  options: {
    'runs-dir': { type: 'string', default: 'runs' },
    run: { type: 'string', default: 'latest' },
    scenes: { type: 'string', default: '60' },
  },
});

/** Scenes full of things, as encoders are trained on, and scenes of one thing, as they are asked about. */
const KINDS = ['scatter', 'thing'];
/** Scenes of one thing for each that is full of them. */
const THINGS = 30;
/** Scenes at a time. */
const BATCH = 10;
const PHRASES = COLOUR_NAMES.flatMap((colour) =>
  GRADES.flatMap((grade) =>
    FILLS.flatMap((fill) => SHAPES.map((shape) => phraseOf({ kind: 'shape', grade, fill, colour, shape }))),
  ),
);
const tokenizer = loadTokenizer();
const PLACES = new Map(PHRASES.map((phrase, i) => [phrase, i]));

function encodersOf(folder, run) {
  const store = Store.open(databaseFile(folder));
  const { stages, trials, trialStages, variants } = readRun(store, run);
  store.close();
  const found = new Map();
  for (const { id, variantId } of trials) {
    const keys = trialStages.get(id) ?? [];
    const stage = stages.find(({ kind, key }) => kind === 'encoder' && keys.includes(key));
    const { recipe } = variants.find((variant) => variant.id === variantId);
    if (stage && recipe.encoder.type === 'clip') found.set(stage.key, recipe);
  }
  return found;
}

/** The shapes of some scenes, each with the scores of every phrase, [phrases]. */
function scored({ parameters, config }, texts, scenes, { encoder, data }) {
  const { resolution, patch } = encoder;
  const shapes = scenes.map(({ things }) => things.filter(({ kind }) => kind === 'shape'));
  const pictures = scenes.map((scene, row) => ({
    pixels: worldPixels(scene, resolution, data.detail),
    regions: partsOf({ ...scene, things: shapes[row] }).map(({ box, phrase }) => {
      const [top, left, height, width] = box.map((share) => share * resolution);
      return { box: { top, left, height, width }, phrase };
    }),
  }));
  const slots = Math.max(1, ...shapes.map(({ length }) => length));
  const whole = { resolution, patch, keepPatches: (resolution / patch) ** 2, seed: 0 };
  const room = { regions: slots, phrases: PHRASES.length, tokens: config.text.max_position_embeddings };
  const scores = tf.tidy(() => {
    const batch = tensorsOf(regionBatch(pictures, { ...whole, ...room }, tokenizer, 0));
    return clipRegions(parameters, config, { ...batch, ...texts }).logits.arraySync();
  });
  return shapes.flatMap((own, row) => own.map((thing, slot) => ({ thing, scores: scores[row * slots + slot] })));
}

const rows = [];
await openEngine();
const cache = new StageCache(cacheFolder(asked['runs-dir']));
const encoders = encodersOf(asked['runs-dir'], asked.run);
const bar = new SingleBar({ format: '{bar} {value}/{total} scenes, {eta_formatted} left' }, Presets.rect);
bar.start(encoders.size * Number(asked.scenes) * (1 + THINGS), 0);
for (const [key, recipe] of encoders) {
  const model = loadClip(cache.folder(key));
  const room = model.config.text.max_position_embeddings;
  const texts = tensorsOf(encodeTexts(PHRASES, PHRASES.length, room, tokenizer));
  for (const kind of KINDS) {
    const counts = Object.fromEntries(GRADES.map((grade) => [grade, { right: 0, all: 0 }]));
    const scenes = Number(asked.scenes) * (kind === 'thing' ? THINGS : 1);
    for (let first = 0; first < scenes; first += BATCH) {
      const batch = Array.from({ length: Math.min(BATCH, scenes - first) }, (_, i) =>
        sceneAt('held-out', 1, first + i, [kind]),
      );
      for (const { thing, scores } of scored(model, texts, batch, recipe)) {
        const outlines = SHAPES.map((shape) => scores[PLACES.get(phraseOf({ ...thing, shape }))]);
        const count = counts[thing.grade];
        count.all++;
        if (outlines.indexOf(Math.max(...outlines)) === SHAPES.indexOf(thing.shape)) count.right++;
      }
      bar.increment(batch.length);
    }
    const { resolution } = recipe.encoder;
    const shares = GRADES.map((grade) => {
      const { right, all } = counts[grade];
      return [grade, all === 0 ? '-' : `${((100 * right) / all).toFixed(1)}% of ${all}`];
    });
    rows.push({
      px: resolution,
      detail: recipe.data.detail ?? resolution,
      scenes: kind,
      ...Object.fromEntries(shares),
    });
  }
  tf.dispose([texts, model.parameters]);
}
bar.stop();
console.table(rows);
