import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { openEngine } from '../../src/engine/index.js';
import type { Batches } from '../../src/train/batches/batches.js';
import { type StepReport, type Training, train } from '../../src/train/loop.js';
import { batchesOf } from './batches/batches-of.js';

beforeAll(async () => {
  await openEngine();
});

/** Least squares: y = 2 x - 1. */
function regression(reports: StepReport[], overrides: Partial<Training<{ x: tf.Tensor }>> = {}) {
  const training: Training<{ x: tf.Tensor }> = {
    parameters: { weight: tf.zeros([1, 1]), bias: tf.zeros([1]) },
    batches: batchesOf(() => ({ x: tf.tensor2d([[-1], [0], [1], [2]]) })),
    loss: (p, { x }) => {
      const y = tf.add(tf.matMul(x as tf.Tensor2D, p.weight as tf.Tensor2D), p.bias!);
      return tf.mean(tf.square(tf.sub(y, tf.sub(tf.mul(x, 2), 1)))) as tf.Scalar;
    },
    steps: 300,
    learningRate: 0.1,
    warmup: 10,
    adam: { beta1: 0.9, beta2: 0.95, epsilon: 1e-8, weightDecay: 0, clip: 1 },
    onStep: (report) => void reports.push(report),
    ...overrides,
  };
  return train(training);
}

it('learns a line', async () => {
  const reports: StepReport[] = [];
  const trained = await regression(reports);
  expect(trained.weight!.dataSync()[0]).toBeCloseTo(2, 2);
  expect(trained.bias!.dataSync()[0]).toBeCloseTo(-1, 2);
  expect(reports.length).toBe(300);
  expect(reports[9]!.learningRate).toBeCloseTo(0.1, 9); // the peak, where warm-up ends
  expect(reports[299]!.learningRate).toBeCloseTo(0.01, 9); // a tenth of the peak
  const after72 = 0.1 + 0.9 * 0.5 * (1 + Math.cos((Math.PI * 72) / 290)); // a cosine, where nothing else is said
  expect(reports[81]!.learningRate).toBeCloseTo(0.1 * after72, 9);
});

it('a weight whose rate is 0 stays', async () => {
  const trained = await regression([], { rateOf: (name) => (name === 'bias' ? 0 : 1) });
  expect(trained.bias!.dataSync()[0]).toBe(0);
});

it('the first update is as long as the rate, whatever the gradient', async () => {
  const first = await regression([], { steps: 1, warmup: 0, schedule: 'constant' });
  expect(first.weight!.dataSync()[0]).toBeCloseTo(0.1, 5);
});

it('decays matrices and leaves vectors alone', async () => {
  const reports: StepReport[] = [];
  const decayed = await regression(reports, {
    steps: 20,
    parameters: { weight: tf.ones([1, 1]), bias: tf.ones([1]) },
    loss: (p) => tf.mul(tf.add(tf.sum(p.weight!), tf.sum(p.bias!)), 0) as tf.Scalar,
    adam: { beta1: 0.9, beta2: 0.95, epsilon: 1e-8, weightDecay: 0.5, clip: 1 },
  });
  const rates = reports.map(({ learningRate }) => learningRate);
  const left = rates.reduce((weight, rate) => weight * (1 - rate * 0.5), 1);
  expect(decayed.weight!.dataSync()[0]! / left).toBeCloseTo(1, 3);
  expect(decayed.bias!.dataSync()[0]).toBe(1);
});

it('ends a training that diverged, with its step', async () => {
  const loss = (p: Readonly<Record<string, tf.Tensor>>) => tf.sum(tf.log(tf.sub(tf.sum(p.weight!), 1))) as tf.Scalar; // the logarithm of a negative number
  await expect(regression([], { loss: (p) => tf.add(loss(p), tf.mul(tf.sum(p.bias!), 0)) })).rejects.toMatchObject({
    code: 'E_DIVERGED',
    message: expect.stringContaining('step 1'),
  });
});

it('ends a training whose gradient is no number, though its loss is one', async () => {
  const loss = (p: Readonly<Record<string, tf.Tensor>>) =>
    tf.add(tf.sqrt(tf.sum(tf.square(p.weight!))), tf.mul(tf.sum(p.bias!), 0)) as tf.Scalar; // a root's slope at 0
  await expect(regression([], { loss })).rejects.toMatchObject({
    code: 'E_DIVERGED',
    message: expect.stringContaining('loss 0, gradient norm NaN'),
  });
});

it('the number of tensors does not grow with the steps', async () => {
  const counts: number[] = [];
  await regression([], { steps: 6, onStep: () => void counts.push(tf.memory().numTensors) });
  expect(new Set(counts).size).toBe(1);
});

describe('batches', () => {
  const x = () => ({ x: tf.tensor2d([[-1], [0], [1], [2]]) });
  const sleep = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

  it.each([
    [1, ['0 0', 'step 1', '1 0', 'step 2', '2 0', 'step 3']],
    [2, ['0 0', '0 1', 'step 1', '1 0', '1 1', 'step 2', '2 0', '2 1', 'step 3']],
  ])('are asked for in order, each once: %i parts an update', async (accumulate, expected) => {
    const events: string[] = [];
    await regression([], {
      steps: 3,
      accumulate,
      batches: batchesOf((step, part) => {
        events.push(`${step} ${part}`);
        return x();
      }),
      onStep: ({ step }) => void events.push(`step ${step}`),
    });
    expect(events).toEqual(expected);
  });

  it('are told where the training goes on, and what it remembers of their source', async () => {
    const spans: unknown[] = [];
    const watched = (): Batches<{ x: tf.Tensor }> => {
      const batches = batchesOf(x);
      return {
        ...batches,
        begin(span) {
          spans.push(span);
          batches.begin(span);
        },
      };
    };
    const zeros = () => ({ weight: tf.zeros([1, 1]), bias: tf.zeros([1]) });
    const adam = { weights: zeros(), mean: zeros(), square: zeros() };
    await regression([], { steps: 2, accumulate: 3, batches: watched() });
    await regression([], { steps: 5, batches: watched(), from: { step: 4, adam, data: 'all' } });
    expect(spans).toEqual([
      { first: 0, steps: 2, parts: 3, data: null },
      { first: 4, steps: 5, parts: 1, data: 'all' },
    ]);
  });

  it('what is waited for them is told of each update, of all its parts', async () => {
    const waited: number[] = [];
    await regression([], {
      steps: 3,
      accumulate: 2,
      async onStep(report) {
        waited.push(report.waited);
        await sleep(100);
      },
      batches: batchesOf(async (step) => {
        await sleep(step === 1 ? 60 : 20);
        return x();
      }),
    });
    for (const [step, least] of [0.038, 0.118, 0.038].entries()) {
      expect(waited[step]).toBeGreaterThan(least);
      expect(waited[step]).toBeLessThan(least + 0.05);
    }
  });

  it('one that cannot be made ends the training at its turn', async () => {
    const reports: StepReport[] = [];
    const batches = batchesOf((step) => {
      if (step === 2) throw new Error('no such picture');
      return x();
    });
    const before = tf.memory().numTensors;
    await expect(regression(reports, { batches })).rejects.toThrow('no such picture');
    expect(reports.map(({ step }) => step)).toEqual([1, 2]);
    expect(tf.memory().numTensors).toBe(before + 2); // the parameters are the caller's
  });

  it('what their source remembers becomes part of the state, as it was after the last part of the step', async () => {
    const kept: unknown[] = [];
    const batches = batchesOf(x);
    let taken = 0;
    await regression([], {
      steps: 3,
      accumulate: 2,
      batches: { ...batches, next: async () => ({ ...(await batches.next()), data: `after ${++taken}` }) },
      onStep: ({ data }) => void kept.push(data),
    });
    expect(kept).toEqual(['after 2', 'after 4', 'after 6']);
  });
});

it('losses are read where they are asked for, and at the last step; the training is the same', async () => {
  const all: StepReport[] = [];
  const some: StepReport[] = [];
  const trained = await regression(all, { steps: 20 });
  const same = await regression(some, { steps: 20, reads: (step) => step % 7 === 0 });
  expect(some.map(({ step }) => step)).toEqual(all.map(({ step }) => step));
  for (const [i, report] of some.entries()) {
    const read = [7, 14, 20].includes(report.step);
    expect([report.loss, report.gradientNorm]).toEqual(read ? [all[i]!.loss, all[i]!.gradientNorm] : [null, null]);
  }
  expect(same.weight!.dataSync()).toEqual(trained.weight!.dataSync());
});

it('a divergence is found at the next loss that is read', async () => {
  const rate = { learningRate: 1e30, warmup: 0, steps: 40, reads: (step: number) => step % 10 === 0 };
  await expect(regression([], rate)).rejects.toMatchObject({
    code: 'E_DIVERGED',
    message: expect.stringMatching(/at step (10|20|30|40):/),
  });
});

it('leaves no tensor of a loss behind that was not read', async () => {
  const counts: number[] = [];
  await regression([], { steps: 12, reads: () => false, onStep: () => void counts.push(tf.memory().numTensors) });
  expect(new Set(counts.slice(0, -1)).size).toBe(1);
});
