import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { openEngine } from '../../src/engine/index.js';
import { activate, linear } from '../../src/model/layers/index.js';
import { adamW, adamWScalars, adamWStart } from '../../src/train/adamw.js';
import { scheduleShare } from '../../src/train/schedule.js';
import { cases, largestDifference, readCase, readTensors } from '../model/golden.js';

beforeAll(async () => {
  await openEngine();
});

const all = cases('optimizer');

interface Schedule {
  function: string;
  args: { num_warmup_steps: number; num_training_steps: number; num_cycles?: number; min_lr_rate?: number };
  base_lr: number;
  lr_by_0_based_step: number[];
}

function parametersAt(io: Record<string, tf.Tensor>, kind: string, step: number): Record<string, tf.Tensor> {
  const prefix = `${kind}.step${String(step).padStart(2, '0')}.`;
  return Object.fromEntries(
    Object.entries(io)
      .filter(([name]) => name.startsWith(prefix))
      .map(([name, value]) => [name.slice(prefix.length), value]),
  );
}

/** The problem that a case's trajectory descends: a quadratic form, or a small network. */
function problemLoss(io: Record<string, tf.Tensor>, p: Record<string, tf.Tensor>): tf.Scalar {
  if (io.H) {
    const off = tf.reshape(tf.sub(p.w!, io.t!), [1, -1]) as tf.Tensor2D;
    return tf.mul(tf.sum(tf.mul(off, tf.matMul(off, io.H as tf.Tensor2D, false, true))), 0.5);
  }
  const hidden = activate('gelu', linear(io.X!, p['0.weight']!, p['0.bias']!));
  return tf.mean(tf.square(tf.sub(linear(hidden, p['2.weight']!, p['2.bias']!), io.Y!))) as tf.Scalar;
}

describe.each(all.filter((f) => readCase(f).source.class?.includes('AdamW')))("AdamW equals torch's: %s", (folder) => {
  const description = readCase(folder);
  const io = () => readTensors(join(folder, 'io.safetensors'));
  const { config } = description;
  const adam = {
    beta1: config.betas[0],
    beta2: config.betas[1],
    epsilon: config.eps,
    weightDecay: config.weight_decay,
    clip: config.max_grad_norm ?? null,
  };
  const grouped = /1-D/.test(config.param_groups);

  it.each(['stored', 'own'] as const)('parameters after every step, %s gradients', async (source) => {
    const tensors = io();
    const start = parametersAt(tensors, 'param', 0);
    const names = Object.keys(start);
    const named = (tensors: readonly tf.Tensor[]) => Object.fromEntries(names.map((name, i) => [name, tensors[i]!]));
    const groups = {
      rate: () => 1,
      decay: (name: string) => (grouped && start[name]!.rank < 2 ? 0 : 1),
    };
    let state = adamWStart(start);
    for (let t = 1; t <= config.steps; t++) {
      const gradients =
        source === 'stored'
          ? parametersAt(tensors, 'grad', t)
          : named(
              tf.grads((...ps: tf.Tensor[]) => problemLoss(tensors, named(ps)))(
                names.map((name) => state.weights[name]!),
              ),
            );
      const rate = description.log_fp64[t - 1].lr ?? config.lr;
      const result = adamW(adam, groups, state, gradients, adamWScalars(adam, t, rate));
      state = result.state;
      const norm = description.log_fp64[t - 1].grad_norm_before_clip;
      if (norm !== undefined && norm !== null) {
        const measured = (await result.gradientNorm.data())[0]!;
        expect(Math.abs(measured / norm - 1)).toBeLessThanOrEqual(source === 'stored' ? 1e-5 : 1e-4);
      }
      const expected = parametersAt(tensors, 'param', t);
      for (const name of names) {
        const limit = source === 'stored' ? 2e-6 : 2e-5;
        expect(await largestDifference(state.weights[name]!, expected[name]!), `${name} step ${t}`).toBeLessThanOrEqual(
          limit,
        );
      }
    }
    for (const [moment, actual] of [
      ['exp_avg', state.mean],
      ['exp_avg_sq', state.square],
    ] as const) {
      const limit = source === 'stored' ? 2e-6 : 2e-5;
      for (const name of names) {
        const expected = parametersAt(tensors, moment, config.steps)[name]!;
        const scale = Math.max(1, (await tf.max(tf.abs(expected)).data())[0]!);
        expect((await largestDifference(actual[name]!, expected)) / scale, `${moment} of ${name}`).toBeLessThanOrEqual(
          limit,
        );
      }
    }
  });

  it('its learning rates are the schedule that it names', () => {
    const { schedule } = config;
    if (typeof schedule === 'string') return expect(schedule).toBe('constant');
    const name = schedule.kind.split(',')[0];
    const { num_training_steps: steps, num_warmup_steps: warmup } = schedule;
    for (const { step, lr } of description.log_fp64) {
      expect(config.lr * scheduleShare(name, { step: step - 1, steps, warmup, floor: 0 })).toBeCloseTo(lr, 12);
    }
  });
});

describe.each(all.filter((f) => readCase(f).schedules))("schedules equal transformers': %s", (folder) => {
  it.each(Object.entries(readCase(folder).schedules as Record<string, Schedule>))(
    '%s',
    (_, { function: source, args, base_lr, lr_by_0_based_step }) => {
      const name = (['cosine', 'linear', 'constant'] as const).find((shape) => source.includes(shape))!;
      const { num_training_steps: steps, num_warmup_steps: warmup, min_lr_rate: floor = 0, num_cycles: cycles } = args;
      lr_by_0_based_step.forEach((expected, step) => {
        const share = scheduleShare(name, { step, steps, warmup, floor, ...(cycles !== undefined && { cycles }) });
        expect(Math.abs(base_lr * share - expected)).toBeLessThanOrEqual(1e-9 * base_lr);
      });
    },
  );
});

it.each([
  ['cosine', 0.1, 0.55],
  ['linear', 0.1, 0.55],
  ['constant', 1, 1],
] as const)('%s ends at its floor, by way of its middle', (name, end, middle) => {
  const at = (step: number) => scheduleShare(name, { step, steps: 110, warmup: 10, floor: 0.1 });
  expect([at(0), at(5), at(10), at(60), at(110)]).toEqual([0, 0.5, 1, middle, end].map((x) => expect.closeTo(x, 12)));
});

it('a warm-up as long as the training ends at the peak', () => {
  expect(scheduleShare('cosine', { step: 5, steps: 5, warmup: 5, floor: 0.1 })).toBe(1);
});

describe('one update', () => {
  const config = { beta1: 0.9, beta2: 0.95, epsilon: 1e-8, weightDecay: 0.5, clip: null };
  const update = (gradient: number[], clip: number | null) =>
    adamW(
      { ...config, clip },
      { rate: (name) => ({ a: 1, b: 0.5, c: 0 })[name]!, decay: () => 1 },
      adamWStart({ a: tf.tensor1d([1]), b: tf.tensor1d([1]), c: tf.tensor1d([1]) }),
      Object.fromEntries(['a', 'b', 'c'].map((name, i) => [name, tf.tensor1d([gradient[i]!])])),
      adamWScalars(config, 1, 0.1),
    );
  it("decays each weight at the weight's own rate", async () => {
    const { weights } = update([0, 0, 0], null).state;
    const values = await Promise.all(['a', 'b', 'c'].map(async (name) => (await weights[name]!.data())[0]));
    expect(values).toEqual([0.95, 0.975, 1].map((weight) => expect.closeTo(weight, 6)));
  });

  it('clips a gradient of no length to none, as torch does: the divisor is longer by 1e-6', async () => {
    const { state, gradientNorm } = update([1e-6, 0, 0], 1e-6);
    expect((await gradientNorm.data())[0]! / 1e-6).toBeCloseTo(1, 5);
    expect((await state.mean.a!.data())[0]! / 1e-6).toBeCloseTo(0.1 * 0.5, 5);
  });
});
