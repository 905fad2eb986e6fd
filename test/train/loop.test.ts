import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { openEngine } from '../../src/engine/index.js';
import { type StepReport, type Training, train } from '../../src/train/loop.js';

beforeAll(async () => {
  await openEngine();
});

/** Least squares: y = 2 x - 1. */
function regression(reports: StepReport[], overrides: Partial<Training<{ x: tf.Tensor }>> = {}) {
  const training: Training<{ x: tf.Tensor }> = {
    parameters: { weight: tf.zeros([1, 1]), bias: tf.zeros([1]) },
    batch: () => ({ x: tf.tensor2d([[-1], [0], [1], [2]]) }),
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
  const last = counts.pop()!;
  expect(new Set(counts).size).toBe(1);
  expect(last).toBe(counts[0]! - 1); // no batch is ahead of the last step
});

describe('batches', () => {
  const x = () => ({ x: tf.tensor2d([[-1], [0], [1], [2]]) });
  const sleep = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));
  /** Works, as something that is computed in this thread does. */
  function work(milliseconds: number): void {
    const start = performance.now();
    while (performance.now() - start < milliseconds);
  }

  it.each([
    [1, ['draw 0 0', 'draw 1 0', 'step 1', 'draw 2 0', 'step 2', 'step 3']],
    [2, ['draw 0 0', 'draw 0 1', 'draw 1 0', 'step 1', 'draw 1 1', 'draw 2 0', 'step 2', 'draw 2 1', 'step 3']],
  ])('are begun one ahead, in order, and each once: %i parts an update', async (accumulate, expected) => {
    const events: string[] = [];
    await regression([], {
      steps: 3,
      accumulate,
      batch(step, part) {
        events.push(`draw ${step} ${part}`);
        return x();
      },
      onStep: ({ step }) => void events.push(`step ${step}`),
    });
    expect(events).toEqual(expected);
  });

  it('are no more than one ahead: the next one is begun when the one before it is there', async () => {
    let [open, most] = [0, 0];
    await regression([], {
      steps: 4,
      async batch() {
        most = Math.max(most, ++open);
        await sleep(5);
        open--;
        return x();
      },
    });
    expect(most).toBe(1);
  });

  it('go on while a step is at work, and then nothing is waited for', async () => {
    const waited: number[] = [];
    await regression([], {
      steps: 4,
      async batch() {
        await sleep(60);
        return x();
      },
      async onStep(report) {
        waited.push(report.waited);
        await sleep(120);
      },
    });
    expect(waited[0]).toBeGreaterThan(0.055); // nobody could draw the first one ahead
    for (const seconds of waited.slice(1)) expect(seconds).toBeLessThan(0.03);
  });

  it('that are drawn in this thread are waited for all the same', async () => {
    const waited: number[] = [];
    await regression([], {
      steps: 3,
      batch() {
        work(30);
        return x();
      },
      onStep: (report) => void waited.push(report.waited),
    });
    expect(waited[0]).toBeGreaterThan(0.058); // its own, and the one ahead
    expect(waited[1]).toBeGreaterThan(0.029);
    expect(waited[2]).toBeLessThan(0.02); // there was no more to draw
  });

  it.each([
    ['at once', () => false],
    ['later', () => true],
  ])('one that cannot be drawn ends the training at its turn: thrown %s', async (_, later) => {
    const reports: StepReport[] = [];
    const failing = (step: number) => {
      if (step === 2) throw new Error('no such picture');
      return x();
    };
    const training = regression(reports, {
      batch: (step) => (later() ? sleep(1).then(() => failing(step)) : failing(step)),
    });
    await expect(training).rejects.toThrow('no such picture');
    expect(reports.map(({ step }) => step)).toEqual([1, 2]);
  });

  it('one that is ahead when a step throws is disposed of, once it is there', async () => {
    const before = tf.memory().numTensors;
    const drawn: number[] = [];
    const training = regression([], {
      async batch(step) {
        await sleep(20);
        drawn.push(step);
        return x();
      },
      onStep({ step }) {
        if (step === 2) throw new Error('asked to stop');
      },
    });
    await expect(training).rejects.toThrow('asked to stop');
    expect(drawn).toEqual([0, 1, 2]);
    expect(tf.memory().numTensors).toBe(before + 2); // the parameters are the caller's
  });

  it('what their source remembers is asked for by the steps done', async () => {
    const kept: unknown[] = [];
    await regression([], {
      steps: 3,
      data: (step) => `after ${step}`,
      onStep: (_, { data }) => void kept.push(data),
    });
    expect(kept).toEqual(['after 1', 'after 2', 'after 3']);
  });
});
