import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { openEngine } from '../../src/engine/index.js';
import type { StageContext } from '../../src/run/stages/stage-kind.js';
import { type StageTraining, trainStage } from '../../src/run/stages/training.js';

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
  const context: StageContext = {
    folder: mkdtempSync(join(tmpdir(), 'mm1-stage-')),
    checkpoints,
    parent: () => '',
    progress: async () => {},
    note: (text) => void notes.push(text),
    metric: (_, name, value) => void (name === 'learning_rate' && rates.push(value)),
  };
  return { context, notes, rates, checkpoint: join(checkpoints, 'training.safetensors') };
}

/** A training that counts what it draws. */
function counting(overrides: Partial<StageTraining<{ x: tf.Tensor }>> = {}) {
  const state = { drawn: 0 };
  const training: StageTraining<{ x: tf.Tensor }> = {
    seed: 3,
    parameters: { w: tf.ones([2, 2]) },
    frozen: { still: tf.scalar(7) },
    batch(step) {
      state.drawn += step;
      return { x: tf.fill([2, 2], step) };
    },
    data: () => state.drawn,
    restore(data) {
      state.drawn = data as number;
    },
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

/** Trains to its end, or kills it when step `kill` is drawn, by a clock that runs ten seconds a look. */
async function attempt(checkpoints?: string, kill = Number.POSITIVE_INFINITY) {
  let clock = 0;
  vi.spyOn(performance, 'now').mockImplementation(() => {
    clock += 10_000;
    return clock;
  });
  const around = surroundings(checkpoints);
  const { training, state } = counting();
  const { batch } = training;
  const run = trainStage(around.context, {
    ...training,
    batch(step, part) {
      if (step === kill) throw new Killed();
      return batch(step, part);
    },
  });
  if (Number.isFinite(kill)) await expect(run).rejects.toThrow(Killed);
  else await run;
  vi.restoreAllMocks();
  return { ...around, drawn: state.drawn };
}

describe('a stage that trains', () => {
  it('keeps checkpoints as it goes: one that dies goes on from the last, to the same weights', async () => {
    const whole = await attempt();
    const killed = await attempt(undefined, 6);
    expect(existsSync(killed.checkpoint)).toBe(true);
    const next = await attempt(killed.context.checkpoints);
    expect(next.notes).toEqual([expect.stringMatching(/^goes on after step [3-6] of 8$/)]);
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
    await expect(trainStage({ ...around.context, progress }, counting().training)).rejects.toThrow(Killed);
    const next = surroundings(around.context.checkpoints);
    await trainStage(next.context, counting().training);
    expect(next.notes).toEqual(['goes on after step 5 of 8']);
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
