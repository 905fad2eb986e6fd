// Measures what an evaluation promises: 1,000 questions about pictures with the nano model, at 0 and at 8 shots, items a second
// and the cost of an item at 8 shots against one at 0. Weights and features are random: speed does not ask what they are.
//   npm run build && node bench/evaluation.mjs

import { cpus } from 'node:os';
import * as tf from '@tensorflow/tfjs-core';
import { defaultRecipe } from '../dist/config/scales.js';
import { loadTokenizer } from '../dist/data/tokenizer/index.js';
import { openEngine } from '../dist/engine/index.js';
import { ask } from '../dist/evaluate/ask.js';
import { demonstrationsOf, promptOf } from '../dist/evaluate/prompts/compose.js';
import { PROMPTS } from '../dist/evaluate/prompts/templates.js';
import { CONNECTORS } from '../dist/model/connectors/index.js';
import { decoderSpecs } from '../dist/model/decoder.js';
import { multimodalConfig } from '../dist/model/multimodal-config.js';
import { initialise, prefixed } from '../dist/model/parameters.js';

const ITEMS = 1000;
const SHOTS = 8;
const ROUNDS = 3;
/** Most pictures that are read at once. */
const BATCH = 64;
const TOKENS = [64, 144];

const engine = await openEngine();
const tokenizer = loadTokenizer();
const numbers = Array.from({ length: ITEMS }, (_, i) => i);
const colours = ['red', 'green', 'blue', 'yellow', 'black', 'white', 'pink'];
const item = (i) => ({
  image: `picture ${i}`,
  question: `What colour is the ${['large', 'small', 'tiny'][i % 3]} shape?`,
  references: [colours[i % colours.length]],
});
const demonstrations = demonstrationsOf(PROMPTS.question, numbers.slice(0, SHOTS).map(item));
const queries = (before) => numbers.map((i) => ({ before, prompt: promptOf(PROMPTS.question, item(i)), choices: [] }));

function subjectOf(tokens) {
  const base = defaultRecipe('nano');
  const recipe = { ...base, connector: { ...base.connector, type: 'average-pool', tokens } };
  const config = multimodalConfig(recipe, tokenizer.vocabularySize);
  const specs = {
    ...prefixed('connector.', CONNECTORS['average-pool'].specs(config.connector)),
    ...prefixed('language_model.', decoderSpecs(config.decoder)),
  };
  const { grid, encoder_hidden_size: width } = config.connector;
  const shape = [grid * grid, width];
  const values = new Float32Array(BATCH * grid * grid * width).map(() => 2 * Math.random() - 1);
  const pictures = {
    ids: [],
    shape,
    read: async (ids) => values.subarray(0, ids.length * grid * grid * width),
    close: async () => {},
  };
  return { parameters: initialise(specs, 0), config, tokenizer, pictures };
}

async function seconds(subject, before) {
  const started = performance.now();
  await ask(subject, { answer: 'written', limit: 8, stops: [] }, queries(before), async () => {});
  return (performance.now() - started) / 1000;
}

const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];

console.log(
  `${engine.name} ${engine.version}, ${cpus().length} cores; ${ITEMS} items, answers of 8 tokens, median of ${ROUNDS}`,
);
for (const tokens of TOKENS) {
  const subject = subjectOf(tokens);
  const [none, eight] = [[], []];
  for (let round = 0; round <= ROUNDS; round++) {
    const times = [await seconds(subject, []), await seconds(subject, demonstrations)];
    if (round === 0) continue; // the first warms up
    none.push(times[0]);
    eight.push(times[1]);
  }
  const [fast, slow] = [median(none), median(eight)];
  const line = [
    `${tokens} visual tokens: 0 shots ${(ITEMS / fast).toFixed(0)} items/s`,
    `${SHOTS} shots ${(ITEMS / slow).toFixed(0)} items/s`,
    `an item costs ${(slow / fast).toFixed(2)}x (promise: at most 3x)`,
  ];
  console.log(line.join(', '));
  tf.dispose(subject.parameters);
}
