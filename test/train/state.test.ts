import { mkdtempSync, readdirSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { openEngine } from '../../src/engine/index.js';
import { activate, linear } from '../../src/model/layers/index.js';
import type { Parameters } from '../../src/model/parameters.js';
import { random } from '../../src/random.js';
import { readHeader, readSafetensors, writeSafetensors } from '../../src/store/safetensors.js';
import { mapped } from '../../src/train/adamw.js';
import { type StepReport, type Training, train } from '../../src/train/loop.js';
import { loadState, removeState, saveState, type TrainingState } from '../../src/train/state.js';
import { batchesOf } from './batches/batches-of.js';

beforeAll(async () => {
  await openEngine();
});

const SEED = 5;
const STEPS = 12;
const newFolder = () => mkdtempSync(join(tmpdir(), 'mm1-state-'));

const start = () => ({
  weight: tf.randomNormal([3, 4], 0, 1, 'float32', 1),
  bias: tf.zeros([3]),
  scale: tf.scalar(0.5),
});

/** A small regression whose batches and counts are drawn anew in every step. */
function regression(
  overrides: Partial<Training<{ x: tf.Tensor }>> = {},
): Training<{ x: tf.Tensor }> & { seen: number[] } {
  const seen: number[] = [];
  return {
    seen,
    parameters: start(),
    batches: batchesOf((step, part) => {
      seen.push(step);
      const stream = random(SEED, `batch ${step} ${part}`);
      return {
        x: tf.tensor2d(
          Float32Array.from({ length: 8 }, () => stream.normal()),
          [2, 4],
        ),
      };
    }),
    loss: (p, { x }) => {
      const y = tf.mul(activate('gelu', linear(x, p.weight!, p.bias!)), p.scale!);
      return tf.mean(tf.square(tf.sub(y, 1))) as tf.Scalar;
    },
    steps: STEPS,
    learningRate: 0.05,
    warmup: 3,
    adam: { beta1: 0.9, beta2: 0.95, epsilon: 1e-8, weightDecay: 0.1, clip: 0.5 },
    onStep: () => {},
    ...overrides,
  };
}

const bytes = (weights: Parameters) =>
  Promise.all(
    Object.entries(weights).map(async ([name, tensor]) => {
      const { buffer, byteOffset, byteLength } = await tensor.data();
      return [name, Buffer.from(buffer as ArrayBuffer, byteOffset, byteLength).toString('hex')];
    }),
  );

class Interrupted extends Error {}

/** Trains up to a step and leaves a checkpoint behind. */
async function interruptedAt(folder: string, at: number): Promise<StepReport[]> {
  const reports: StepReport[] = [];
  const onStep = async (report: StepReport, stand: () => TrainingState) => {
    reports.push(report);
    if (report.step < at) return;
    const state = stand();
    await saveState(folder, SEED, { ...state, data: { drawn: at } }, 12.5);
    tf.dispose(state.adam);
    throw new Interrupted();
  };
  await expect(train(regression({ onStep }))).rejects.toThrow(Interrupted);
  return reports;
}

describe('a training that goes on', () => {
  it.each([1, 7, STEPS - 1])('equals one that was never interrupted, bit for bit: after step %i', async (at) => {
    const folder = newFolder();
    const whole: StepReport[] = [];
    const expected = await bytes(await train(regression({ onStep: (report) => void whole.push(report) })));

    const reports = await interruptedAt(folder, at);
    const from = loadState(folder, start(), SEED);
    expect(from).toMatchObject({ step: at, data: { drawn: at }, seconds: 12.5 });
    const rest = regression({ from, onStep: (report) => void reports.push(report) });
    expect(await bytes(await train(rest))).toEqual(expected);
    const told = (all: StepReport[]) => all.map(({ waited, data, ...report }) => report);
    expect(told(reports)).toEqual(told(whole));
    expect(rest.seen[0]).toBe(at); // and no batch is drawn again
  });

  it('needs the moments: without them it comes to other weights', async () => {
    const folder = newFolder();
    const expected = await bytes(await train(regression()));
    await interruptedAt(folder, 7);
    const from = loadState(folder, start(), SEED)!;
    const forgetful = {
      ...from,
      adam: { ...from.adam, mean: mapped(from.adam.mean, (moment) => tf.zerosLike(moment)) },
    };
    expect(await bytes(await train(regression({ from: forgetful })))).not.toEqual(expected);
  });
});

describe('the file', () => {
  it('holds weights and moments under their names, and where the training stands', async () => {
    const folder = newFolder();
    await interruptedAt(folder, 4);
    expect(readdirSync(folder)).toEqual(['training.safetensors']);
    const { tensors, metadata } = readHeader(join(folder, 'training.safetensors'));
    const shapes = Object.fromEntries([...tensors].map(([name, { shape }]) => [name, shape]));
    const own = { weight: [3, 4], bias: [3], scale: [] };
    const expected = ['weights', 'mean', 'square'].flatMap((part) =>
      Object.entries(own).map(([name, shape]) => [`${part}.${name}`, shape]),
    );
    expect(shapes).toEqual(Object.fromEntries(expected));
    expect(Object.fromEntries(metadata)).toMatchObject({ step: '4', seed: '5' });
  });

  it('is not there before the first checkpoint and after the last', async () => {
    const folder = newFolder();
    expect(loadState(folder, start(), SEED)).toBeNull();
    await interruptedAt(folder, 2);
    removeState(folder);
    expect(loadState(folder, start(), SEED)).toBeNull();
  });

  it.each([
    ['cut short', (file: string) => truncateSync(file, 100)],
    ['empty', (file: string) => writeFileSync(file, '')],
    ['without its place', (file: string) => writeSafetensors(file, new Map())],
    [
      'before the first step',
      (file: string) => writeSafetensors(file, readSafetensors(file), { step: '0', seed: '5', data: 'null' }),
    ],
  ])('is refused: %s', async (_, damage) => {
    const folder = newFolder();
    await interruptedAt(folder, 2);
    damage(join(folder, 'training.safetensors'));
    expect(() => loadState(folder, start(), SEED)).toThrow(expect.objectContaining({ code: 'E_CHECKPOINT' }));
  });

  it('of another training is refused: seed, shape, name', async () => {
    const folder = newFolder();
    await interruptedAt(folder, 2);
    const load = (parameters: Parameters, seed = SEED) => loadState(folder, parameters, seed);
    const { scale, ...fewer } = start();
    expect(() => load(start(), 6)).toThrow(/its seed is 5, and the training's 6/);
    expect(() => load({ ...start(), bias: tf.zeros([4]) })).toThrow(/weights\.bias/);
    expect(() => load({ ...fewer, gain: scale })).toThrow(/weights\.gain/);
    expect(() => load(fewer)).toThrow(/other weights/);
  });
});

describe('accumulation', () => {
  const rows = 12;
  const data = () => tf.randomNormal([rows, 4], 0, 1, 'float32', 3);

  /** Four parts of 3 rows, of which parts count 1, 2, 3 and 3 rows, or all of it at once. */
  const counts = [1, 2, 3, 3];
  const weighted = (accumulate: number): Training<{ x: tf.Tensor; counted: tf.Tensor }> => ({
    ...(regression() as unknown as Training<{ x: tf.Tensor; counted: tf.Tensor }>),
    accumulate,
    batches: batchesOf((_, part) => {
      const flags = counts.flatMap((count) => [0, 1, 2].map((i) => (i < count ? 1 : 0)));
      const size = rows / accumulate;
      return {
        x: tf.tidy(() => tf.slice(data(), [part * size, 0], [size, 4])),
        counted: tf.tensor1d(flags.slice(part * size, (part + 1) * size)),
      };
    }),
    loss: (p, { x, counted }) => {
      const off = tf.sub(tf.sum(activate('gelu', linear(x, p.weight!, p.bias!)), 1), p.scale!); // [rows]
      return tf.div(tf.sum(tf.mul(tf.square(off), counted)), tf.sum(counted)) as tf.Scalar;
    },
    weight: ({ counted }) => tf.sum(counted) as tf.Scalar,
  });

  it.each([2, 4])('%i parts give the numbers of one batch, each part by what counts in it', async (accumulate) => {
    const reports: [StepReport[], StepReport[]] = [[], []];
    const once = await train({ ...weighted(1), onStep: (report) => void reports[0].push(report) });
    const parts = await train({ ...weighted(accumulate), onStep: (report) => void reports[1].push(report) });
    for (const [name, tensor] of Object.entries(once)) {
      expect((await tf.max(tf.abs(tf.sub(tensor, parts[name]!))).data())[0]).toBeLessThan(2e-6);
    }
    reports[0].forEach(({ loss, gradientNorm }, i) => {
      expect(reports[1][i]!.loss).toBeCloseTo(loss!, 5);
      expect(reports[1][i]!.gradientNorm).toBeCloseTo(gradientNorm!, 4);
    });
  });

  it('leaves no tensor behind', async () => {
    const counts: number[] = [];
    await train({ ...weighted(4), onStep: () => void counts.push(tf.memory().numTensors) });
    expect(new Set(counts).size).toBe(1);
  });
});
