import { type ChildProcess, fork } from 'node:child_process';
import { on, once } from 'node:events';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { openEngine } from '../../src/engine/index.js';
import type { StageSpecs } from '../../src/plan/stage.js';
import type { FromWorker, ToWorker } from '../../src/run/messages.js';
import { STAGE_RUNNERS } from '../../src/run/stages/index.js';
import type { StageContext, StageRunner } from '../../src/run/stages/stage-kind.js';
import { Stopwatch } from '../../src/run/stages/stopwatch.js';
import { type BuiltPackage, buildPackage } from '../built-package.js';
import { captionFolder } from '../data/caption-folder.js';
import { encoder, language, makeCorpus, recipe } from './first-update.js';

// A worker process of the built package has a thread that makes its batches; the same stage in this process has none.

type Trained = 'encoder' | 'language-model';

let built: BuiltPackage;
let child: ChildProcess;
let corpora: Readonly<Record<Trained, string>>;
beforeAll(async () => {
  await openEngine();
  built = buildPackage();
  const documents = Array.from({ length: 24 }, (_, i) => ({ alt: [`name ${i}`], rewritten: [`all of ${i}`] }));
  corpora = {
    encoder: await captionFolder(documents, 56, (picture, y, x) => [9 * picture, 4 * y, 4 * x]),
    'language-model': await makeCorpus('text'),
  };
});
afterEach(() => child.kill('SIGKILL'));
afterAll(() => built.remove());

const folder = () => mkdtempSync(join(tmpdir(), 'mm1-batch-thread-'));

async function startWorker(): Promise<void> {
  child = fork(join(built.root, 'dist', 'run', 'worker.js'), [], { serialization: 'advanced' });
  const [message] = (await once(child, 'message')) as [FromWorker];
  expect(message.type).toBe('ready');
}

const say = (message: ToWorker) => child.send(message);

/** Has the worker train; `hear` is told all that it says, the last of which is given back. */
async function train<K extends Trained>(kind: K, spec: StageSpecs[K], hear: (message: FromWorker) => void) {
  const at = folder();
  const stage = { kind, spec, checkpoint: null } as unknown as Extract<ToWorker, { type: 'stage' }>['stage'];
  const parents = { corpus: corpora[kind] };
  const messages = on(child, 'message');
  say({ type: 'stage', stage, folder: at, checkpoints: folder(), parents, places: { grid: '', runs: '' } });
  for await (const [message] of messages as AsyncIterable<[FromWorker]>) {
    hear(message);
    if (['done', 'failed', 'stopped'].includes(message.type)) return { at, last: message };
  }
  throw new Error('the worker said no last word');
}

/** Trains in this process; gives the folder and every number that was recorded. */
async function trainHere<K extends Trained>(kind: K, spec: StageSpecs[K]) {
  const rows: unknown[] = [];
  const context: StageContext = {
    stopwatch: new Stopwatch(),
    folder: folder(),
    checkpoints: folder(),
    published: () => '',
    parent: () => corpora[kind],
    places: { grid: '', runs: '' },
    progress: async () => {},
    note: () => {},
    metric: (step, name, value) => void rows.push({ step, name, value }),
  };
  await (STAGE_RUNNERS[kind] as StageRunner<K>)(spec, context);
  return { at: context.folder, rows };
}

const { scale, precision, data } = recipe;
const ofEncoder = (changes: object = {}) => ({
  recipe: { scale, precision, encoder: { ...encoder, steps: 6, ...changes } },
});
const ofLanguage = (steps: number) => ({
  recipe: {
    scale,
    precision,
    language_model: { ...language, steps },
    data: { text_from: data.text_from, text_tokens: data.text_tokens },
  },
});

it.each([
  ['CLIP', 'encoder', ofEncoder()],
  ['CLIP on regions', 'encoder', ofEncoder({ contrast: 'regions' })],
  ['AIM', 'encoder', ofEncoder({ type: 'aim', model: 'aim-600m' })],
  ['the language model', 'language-model', ofLanguage(6)],
] as const)('learns with the thread what it learns without it, bit for bit: %s', async (_, kind, spec) => {
  await startWorker();
  const rows: unknown[] = [];
  const { at, last } = await train(kind, spec as never, (message) => {
    if (message.type === 'metrics') rows.push(...message.rows);
  });
  expect(last).toMatchObject({ type: 'done' });
  const here = await trainHere(kind, spec as never);
  expect(rows).toHaveLength(18); // three numbers a step
  expect(rows).toEqual(here.rows);
  const weights = (where: string) => readFileSync(join(where, 'model.safetensors'));
  expect(weights(at).equals(weights(here.at))).toBe(true);
});

it('a training that is stopped ends its thread, and the process goes on to the next', async () => {
  await startWorker();
  const { last } = await train('language-model', ofLanguage(5000), ({ type }) => {
    if (type === 'progress') say({ type: 'stop' });
  });
  expect(last.type).toBe('stopped');
  // Told to stop, every later stage stops after its first step: it has a thread of its own.
  expect((await train('encoder', ofEncoder(), () => {})).last.type).toBe('stopped');
});

it('a worker that loses its head in the midst of a training ends, its thread with it', async () => {
  await startWorker();
  const exit = once(child, 'exit');
  const training = train('language-model', ofLanguage(5000), ({ type }) => {
    if (type === 'progress') child.disconnect();
  });
  await expect(Promise.race([training, exit])).resolves.toEqual([1, null]);
});
