// Measures what the models promise, each in a process of its own, and prints it beside the promise.
//   npm run bench:models            all of it
//   npm run bench:models -- memory  one of: memory, forward-vit-l, forward-vit-h, generation

import { fork } from 'node:child_process';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import * as tf from '@tensorflow/tfjs-core';
import { defaultRecipe } from '../dist/config/scales.js';
import { pack } from '../dist/data/packing.js';
import { openEngine } from '../dist/engine/index.js';
import { greedy } from '../dist/evaluate/decoding.js';
import { CONNECTORS } from '../dist/model/connectors/index.js';
import { decoderSpecs } from '../dist/model/decoder.js';
import { ENCODERS } from '../dist/model/encoders/index.js';
import { languageLoss, multimodal } from '../dist/model/multimodal.js';
import { multimodalConfig } from '../dist/model/multimodal-config.js';
import { initialise, prefixed } from '../dist/model/parameters.js';
import { decoderConfig } from '../dist/model/sizes.js';
import { batchesHere } from '../dist/train/batches/batches.js';
import { languageArrays } from '../dist/train/batches/language.js';
import { train } from '../dist/train/loop.js';

const VOCABULARY = 4096;
const MB = 1 << 20;

/** Resident memory of a nano training, after 200 steps and after 2,000. */
async function memory() {
  const recipe = defaultRecipe('nano');
  const config = multimodalConfig(recipe, VOCABULARY);
  const specs = {
    ...prefixed('connector.', CONNECTORS[config.connector.type].specs(config.connector)),
    ...prefixed('language_model.', decoderSpecs(config.decoder)),
  };
  const room = { text: 16, images: 1, slots: config.connector.tokens };
  const example = (row) => [
    { tokens: [row + 1, 5, 9], counted: false },
    { tokens: [7, 0], counted: true },
  ];
  const sequences = [0, 1].map((row) => ({ groups: [{ shared: [{ image: row }], examples: [example(row)] }] }));
  const { grid, encoder_hidden_size: width } = config.connector;
  const resident = [];
  const tensors = [];
  await train({
    parameters: initialise(specs, 0),
    batches: batchesHere({
      make: async () => ({
        arrays: {
          ...languageArrays(pack(sequences, room, 1)),
          pictures: { values: new Float32Array(2 * grid * grid * width).fill(1), shape: [2, grid * grid, width] },
        },
        data: null,
      }),
    }),
    loss: (weights, batch) => languageLoss(multimodal(weights, config, batch, batch.pictures), config.decoder, batch),
    steps: 2000,
    learningRate: 1e-4,
    warmup: 10,
    adam: { beta1: 0.9, beta2: 0.95, epsilon: 1e-8, weightDecay: 0.1, clip: 1 },
    onStep: ({ step }) => {
      if (step % 200 !== 0) return;
      globalThis.gc();
      resident.push(Math.round(process.memoryUsage().rss / MB));
      tensors.push(tf.memory().numTensors);
    },
  });
  const growth = resident.at(-1) / resident[0] - 1;
  const measured = `${resident.join(', ')} MB; ${[...new Set(tensors)].join(', ')} tensors`;
  return { what: 'training, every 200th of 2,000 steps', measured, promised: 'flat: within 3%', holds: growth < 0.03 };
}

/** Most memory that a process takes which looks at 64 pictures of 378 px at once. */
async function forward(model) {
  const base = defaultRecipe('nano');
  const recipe = { ...base, encoder: { ...base.encoder, model, resolution: 378 } };
  const weights = initialise(ENCODERS.clip.specs(recipe), 0);
  const patches = tf.fill([64, 27 * 27, 3 * 14 * 14], 0.1);
  const run = () => tf.tidy(() => ENCODERS.clip.features(weights, recipe, patches).dataSync());
  run();
  const start = performance.now();
  run();
  const seconds = (performance.now() - start) / 1000;
  const most = process.resourceUsage().maxRSS / 1024;
  const measured = `${Math.round(most)} MB, ${seconds.toFixed(1)} s`;
  return { what: `${model} forward, 64 pictures of 378 px`, measured, promised: '< 2048 MB', holds: most < 2048 };
}

/** Generation with the cache against the whole sequence anew for every token: 32 tokens for 64 prompts. */
async function generation() {
  const config = decoderConfig({ ...defaultRecipe('nano') }, VOCABULARY);
  const parameters = initialise(decoderSpecs(config), 0);
  const visual = tf.randomNormal([64, 144, config.hidden_size], 0, 0.02, 'float32', 1);
  const asked = Array.from({ length: 64 }, (_, image) => [
    { image },
    { tokens: [3, 4, 5, 6 + image, 7, 8], counted: false },
  ]);
  const request = (prompts, limit) => ({ prompts, visual, end: -1, limit });
  const cached = () => greedy(parameters, config, request(asked, 32));
  const anew = async () => {
    const answers = asked.map(() => []);
    for (let i = 0; i < 32; i++) {
      const prompts = asked.map((pieces, row) => [...pieces, { tokens: answers[row], counted: false }]);
      for (const [row, [token]] of (await greedy(parameters, config, request(prompts, 1))).entries())
        answers[row].push(token);
    }
    return answers;
  };
  const seconds = async (run) => {
    const start = performance.now();
    const answers = await run();
    return { answers: JSON.stringify(answers), seconds: (performance.now() - start) / 1000 };
  };
  await seconds(() => greedy(parameters, config, request(asked, 2)));
  const [fast, slow] = [await seconds(cached), await seconds(anew)];
  if (fast.answers !== slow.answers) throw new Error('the cache changes the answers');
  const ratio = slow.seconds / fast.seconds;
  const measured = `${ratio.toFixed(1)}x (${slow.seconds.toFixed(1)} s to ${fast.seconds.toFixed(1)} s), equal answers`;
  return { what: 'cache, 32 tokens, 64 prompts', measured, promised: '>= 5x', holds: ratio >= 5 };
}

const MEASURES = {
  memory,
  'forward-vit-l': () => forward('vit-l'),
  'forward-vit-h': () => forward('vit-h'),
  generation,
};
const [name, inside] = process.argv.slice(2);
if (inside) {
  await openEngine();
  process.send(await MEASURES[name]());
} else {
  const rows = [];
  for (const each of name ? [name] : Object.keys(MEASURES)) {
    process.stderr.write(`${each} ...\n`);
    rows.push(await measure(each));
  }
  console.log(`node ${process.version}, ${cpus().length} cores of ${cpus()[0]?.model.trim()}`);
  console.table(rows);
}

function measure(each) {
  return new Promise((done, fail) => {
    const child = fork(fileURLToPath(import.meta.url), [each, 'inside'], { execArgv: ['--expose-gc'] });
    child.once('message', done);
    child.once('exit', (status) => fail(new Error(`${each} ended with status ${status}`)));
  });
}
