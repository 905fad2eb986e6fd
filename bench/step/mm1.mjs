/**
 * mm1's side of bench:step: makes a case, writes its weights and its batch where it is told to, and makes as many updates as
 * it is asked for. MM1_COMPILE says how; an argument names the folder that compiled programs are kept in.
 * @module
 */
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { openEngine } from '../../dist/engine/index.js';
import { initialise } from '../../dist/model/parameters.js';
import { writeSafetensors } from '../../dist/store/safetensors.js';
import { tensorsOf } from '../../dist/train/batches/arrays.js';
import { openUpdates } from '../../dist/train/update.js';
import { ADAM, CASES, RATE } from './cases.mjs';

const engine = await openEngine(undefined, process.argv[2] || undefined);
let updates;
let made;
let step = 0;

const prepare = {
  /** Opens a case. */
  async open({ name, folder }) {
    updates?.dispose();
    made = CASES[name]();
    step = 0;
    const parameters = initialise(made.specs, 0);
    if (folder) {
      const stored = (tensors) =>
        new Map(Object.entries(tensors).map(([key, { values, shape }]) => [key, { values, shape }]));
      const weights = Object.entries(parameters).map(async ([key, t]) => [
        key,
        { values: await t.data(), shape: t.shape },
      ]);
      writeSafetensors(join(folder, 'weights.safetensors'), new Map(await Promise.all(weights)));
      writeSafetensors(join(folder, 'batch.safetensors'), stored(made.batch));
    }
    updates = openUpdates({ parameters, loss: made.loss, adam: ADAM });
    return { title: made.title, kind: made.kind, config: made.config, tokens: made.tokens };
  },

  /** Makes updates. */
  async run({ steps }) {
    const losses = [];
    const started = performance.now();
    for (let i = 0; i < steps; i++) {
      const said = await updates.next(async () => tensorsOf(made.batch), ++step, RATE);
      losses.push((await said.loss.data())[0]);
      tf.dispose(said);
    }
    return { losses, milliseconds: (performance.now() - started) / steps };
  },
};

process.on('message', async (message) => process.send(await prepare[message.type](message)));
process.send(engine);
