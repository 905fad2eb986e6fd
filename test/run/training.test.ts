import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { openEngine } from '../../src/engine/index.js';
import type { StageContext } from '../../src/run/stages/stage-kind.js';
import { Stopwatch } from '../../src/run/stages/stopwatch.js';
import { type StageTraining, trainStage } from '../../src/run/stages/training.js';
import { readHeader } from '../../src/store/safetensors.js';
import { batchesOf } from '../train/batches/batches-of.js';

beforeAll(async () => {
  await openEngine();
});
afterEach(() => {
  vi.restoreAllMocks();
});

const STEPS = 8;

class Killed extends Error {}

/** A stage's surroundings in a new folder; `kill` ends it at that step, as if the process died. */
function surroundings(checkpoints = mkdtempSync(join(tmpdir(), 'mm1-training-'))) {
  const notes: string[] = [];
  const rates: number[] = [];
  const metrics: [step: number, name: string, value: number][] = [];
  const context: StageContext = {
    stopwatch: new Stopwatch(),
    folder: mkdtempSync(join(tmpdir(), 'mm1-stage-')),
    checkpoints,
    published: () => '',
    parent: () => '',
    places: { grid: '', runs: '' },
    progress: async () => {},
    note: (text) => void notes.push(text),
    metric(step, name, value) {
      metrics.push([step, name, value]);
      if (name === 'learning_rate') rates.push(value);
    },
  };
  return { context, notes, rates, metrics, checkpoint: join(checkpoints, 'training.safetensors') };
}

/** A training that counts what it draws; `at` is told each step whose batch is made. */
function counting(overrides: Partial<StageTraining<{ x: tf.Tensor }>> = {}, at: (step: number) => unknown = () => {}) {
  const state = { drawn: 0, closed: 0 };
  const open: StageTraining<{ x: tf.Tensor }>['open'] = async () =>
    batchesOf<{ x: tf.Tensor }>(() => ({ x: tf.scalar(0) }), {
      facts: { pictures: 4 },
      async make(step) {
        await at(step);
        state.drawn += step;
        return { arrays: { x: { values: new Float32Array(4).fill(step), shape: [2, 2] } }, data: state.drawn };
      },
      restore(data) {
        state.drawn = data as number;
      },
      async close() {
        state.closed++;
      },
    });
  const training: StageTraining<{ x: tf.Tensor }> = {
    seed: 3,
    parameters: { w: tf.ones([2, 2]) },
    frozen: { still: tf.scalar(7) },
    open,
    loss: (p, { x }) => tf.mean(tf.square(tf.sub(tf.matMul(p.w as tf.Tensor2D, x as tf.Tensor2D), 1))) as tf.Scalar,
    steps: STEPS,
    learningRate: 0.1,
    warmup: 2,
    adam: { beta1: 0.9, beta2: 0.95, epsilon: 1e-8, weightDecay: 0.1, clip: 1 },
    ...overrides,
  };
  return { training, state };
}

const weightsIn = ({ folder }: StageContext) => readFileSync(join(folder, 'model.safetensors'));

/** How long things take by the clock of a test, in milliseconds. */
interface Times {
  readonly step: number;
  /** Writing a checkpoint. */
  readonly write: number;
}

/** Trains to its end, or kills it when step `kill` is drawn. */
async function attempt(
  checkpoints?: string,
  kill = Number.POSITIVE_INFINITY,
  times: Times = { step: 10_000, write: 0 },
) {
  const around = surroundings(checkpoints);
  const { training, state } = counting({}, (step) => {
    if (step === kill) throw new Killed();
  });
  /** Step of the checkpoint; 0 where there is none, or a damaged one. */
  function onDisk(): number {
    try {
      return Number(readHeader(around.checkpoint).metadata.get('step'));
    } catch {
      return 0;
    }
  }
  const kept: number[] = [];
  let [clock, written] = [0, onDisk()];
  vi.spyOn(performance, 'now').mockImplementation(() => {
    if (onDisk() !== written) {
      clock += times.write;
      written = onDisk();
      kept.push(written);
    }
    return clock;
  });
  // Every step says its loss once, before it is asked whether to keep a checkpoint.
  const metric: StageContext['metric'] = (step, name, value) => {
    if (name === 'loss') clock += times.step;
    around.context.metric(step, name, value);
  };
  const run = trainStage({ ...around.context, metric }, training);
  if (Number.isFinite(kill)) await expect(run).rejects.toThrow(Killed);
  else expect(await run).toMatchObject({ facts: { pictures: 4 }, data: state.drawn });
  expect(state.closed).toBe(1);
  vi.restoreAllMocks();
  return { ...around, drawn: state.drawn, kept };
}

describe('a stage that trains', () => {
  it('keeps checkpoints as it goes: one that dies goes on from the last, to the same weights', async () => {
    const whole = await attempt();
    const killed = await attempt(undefined, 6);
    expect(existsSync(killed.checkpoint)).toBe(true);
    const next = await attempt(killed.context.checkpoints);
    expect(next.notes).toEqual(['goes on after step 6 of 8']);
    expect(weightsIn(next.context).equals(weightsIn(whole.context))).toBe(true);
    expect(next.drawn).toBe(whole.drawn);
    expect(next.rates.at(-1)).toBe(whole.rates.at(-1));
    expect(next.rates.length).toBeLessThan(STEPS);
  });

  it('a damaged checkpoint is said aloud, and the stage starts over', async () => {
    const whole = await attempt();
    const killed = await attempt(undefined, 6);
    writeFileSync(killed.checkpoint, readFileSync(killed.checkpoint).subarray(0, 90));
    const next = await attempt(killed.context.checkpoints);
    expect(next.notes).toEqual([expect.stringMatching(/^starts over: /)]);
    expect(next.rates.length).toBe(STEPS);
    expect(weightsIn(next.context).equals(weightsIn(whole.context))).toBe(true);
  });

  it.each([
    ['after 20 seconds', { step: 10_000, write: 0 }, [2, 4, 6]],
    ['not before 20 seconds', { step: 9999, write: 0 }, [3, 6]],
    // Each takes 2 seconds to write: the next one comes 40 seconds later.
    ['once writing was a twentieth of the time', { step: 20_000, write: 2000 }, [1, 3, 5, 7]],
    ['not while writing was more than a twentieth', { step: 19_999, write: 2000 }, [2, 5]],
  ] as const)('keeps a checkpoint %s', async (_, times, kept) => {
    expect((await attempt(undefined, undefined, times)).kept).toEqual(kept);
  });

  it('a checkpoint of no use is removed before the stage starts over', async () => {
    const killed = await attempt(undefined, 6);
    const other = surroundings(killed.context.checkpoints);
    await trainStage(other.context, counting({ seed: 4 }).training);
    expect(other.notes).toEqual([expect.stringMatching(/^starts over: .*seed is 3/)]);
    expect(existsSync(other.checkpoint)).toBe(false);
  });

  it('records the first step, the last, and about two hundred between', async () => {
    const { context, metrics } = surroundings();
    const shown: unknown[] = [];
    const progress: StageContext['progress'] = async (at) => void shown.push(at);
    const { loss } = await trainStage({ ...context, progress }, counting({ steps: 401 }).training);
    const steps = metrics.flatMap(([step, name]) => (name === 'loss' ? [step] : []));
    expect(steps).toEqual([1, ...Array.from({ length: 200 }, (_, i) => 2 * (i + 1)), 401]);
    const last = Object.fromEntries(metrics.flatMap(([step, name, value]) => (step === 401 ? [[name, value]] : [])));
    expect(Object.keys(last)).toEqual(['loss', 'gradient_norm', 'learning_rate']);
    expect(last.loss).toBe(loss);
    expect(last.gradient_norm).not.toBe(loss);
    expect(last.learning_rate).toBeCloseTo(0.01, 9); // a tenth of the peak
    expect(shown.length).toBe(401);
    expect(shown.at(-1)).toEqual({ done: 401, total: 401, loss });
  });

  it('writes no checkpoint within the first seconds', async () => {
    const around = surroundings();
    await trainStage(around.context, counting().training);
    expect(existsSync(around.checkpoint)).toBe(false);
  });

  it('one that is asked to stop keeps the step it was at', async () => {
    const around = surroundings();
    const progress: StageContext['progress'] = async ({ done }) => {
      if (done === 5) throw new Killed();
    };
    around.context.stopwatch.goOnFrom(100); // it went on itself
    await expect(trainStage({ ...around.context, progress }, counting().training)).rejects.toThrow(Killed);
    const next = surroundings(around.context.checkpoints);
    await trainStage(next.context, counting().training);
    expect(next.notes).toEqual(['goes on after step 5 of 8']);
    expect(next.context.stopwatch.seconds).toBeGreaterThan(100);
    expect(next.context.stopwatch.seconds).toBeLessThan(200);
  });

  it('says what share of its time it waited for data', async () => {
    const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));
    const { training } = counting({}, (step) => pause(step === 0 ? 120 : 40));
    const start = performance.now();
    const { waiting } = await trainStage(
      { ...surroundings().context, progress: () => pause(20).then(() => {}) },
      training,
    );
    const all = performance.now() - start;
    expect(waiting['waiting for data, %']).toBeGreaterThan((100 * (119 + 7 * 39)) / all);
    expect(waiting['waiting for data, %']).toBeLessThan(100 * (1 - (8 * 19) / all));
    expect(waiting['waiting in the first step, s']).toBeGreaterThan(0.119);
    expect(waiting['waiting in the first step, s']).toBeLessThan(0.2);
  });

  it('weights that are frozen stay, and are written with the others', async () => {
    const around = surroundings();
    const { parameters } = await trainStage(around.context, counting().training);
    expect(parameters).toBe(4);
    const file = weightsIn(around.context);
    const header = JSON.parse(file.subarray(8, 8 + Number(file.readBigUInt64LE())).toString());
    expect(Object.keys(header).sort()).toEqual(['__metadata__', 'still', 'w']);
    const [begin] = header.still.data_offsets;
    expect(file.readFloatLE(8 + Number(file.readBigUInt64LE()) + begin)).toBe(7);
  });
});
