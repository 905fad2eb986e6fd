// How well the CLIPs of a run tell outlines apart, before any language model: each held-out thing of the world with its own
// phrase, beside the same phrase with the five other outlines. They have to be in the run's cache still.
//   npm run bench:parts -- --runs-dir runs --run latest

import { parseArgs } from 'node:util';
import * as tf from '@tensorflow/tfjs-core';
import { Presets, SingleBar } from 'cli-progress';
import { allPatches, cutPatches } from '../dist/data/patches.js';
import { coverPatches } from '../dist/data/regions.js';
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
import { encodeTexts } from '../dist/train/batches/encoded-texts.js';

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

const shapesOf = (scene) => {
  const parts = partsOf(scene);
  return scene.things.flatMap((thing, i) => (thing.kind === 'shape' ? [{ thing, box: parts[i].box }] : []));
};

/** The shapes of some scenes, each with the scores of every phrase, [phrases]. */
function scored({ parameters, config }, texts, scenes, { encoder, data }) {
  const { resolution, patch } = encoder;
  const shapes = scenes.map(shapesOf);
  const slots = Math.max(1, ...shapes.map(({ length }) => length));
  const kept = allPatches(resolution, patch);
  const seen = kept.length;
  const size = 3 * patch * patch;
  const values = new Float32Array(scenes.length * seen * size);
  const cover = new Float32Array(scenes.length * slots * seen).fill(1 / seen);
  scenes.forEach((scene, row) => {
    const pixels = worldPixels(scene, resolution, data.detail ?? resolution);
    cutPatches(pixels, 0, resolution, patch, kept, values, row * seen * size);
    shapes[row].forEach(({ box }, slot) => {
      const [top, left, height, width] = box.map((share) => share * resolution);
      coverPatches({ top, left, height, width }, kept, resolution / patch, patch, cover, (row * slots + slot) * seen);
    });
  });
  const scores = tf.tidy(() =>
    clipRegions(parameters, config, {
      patches: tf.tensor3d(values, [scenes.length, seen, size]),
      kept: tf.tensor2d(
        scenes.flatMap(() => [...kept]),
        [scenes.length, seen],
        'int32',
      ),
      cover: tf.tensor3d(cover, [scenes.length, slots, seen]),
      ...texts,
    }).logits.arraySync(),
  );
  return shapes.flatMap((own, row) => own.map(({ thing }, slot) => ({ thing, scores: scores[row * slots + slot] })));
}

const rows = [];
await openEngine();
const tokenizer = loadTokenizer();
const cache = new StageCache(cacheFolder(asked['runs-dir']));
const encoders = encodersOf(asked['runs-dir'], asked.run);
const bar = new SingleBar({ format: '{bar} {value}/{total} scenes, {eta_formatted} left' }, Presets.rect);
bar.start(encoders.size * Number(asked.scenes) * (1 + THINGS), 0);
for (const [key, recipe] of encoders) {
  const model = loadClip(cache.folder(key));
  const room = model.config.text.max_position_embeddings;
  const { ids, ends } = encodeTexts(PHRASES, PHRASES.length, room, tokenizer);
  const texts = { ids: tf.tensor2d(ids.values, ids.shape, 'int32'), ends: tf.tensor1d(ends.values, 'int32') };
  for (const kind of KINDS) {
    const counts = Object.fromEntries(GRADES.map((grade) => [grade, { right: 0, all: 0 }]));
    const scenes = Number(asked.scenes) * (kind === 'thing' ? THINGS : 1);
    for (let first = 0; first < scenes; first += BATCH) {
      process.stderr.write(
        `\r${rows.length + 1}: ${kind}, ${recipe.encoder.resolution} px, ${first}/${scenes} scenes   `,
      );
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
