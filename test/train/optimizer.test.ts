import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { openEngine } from '../../src/engine/index.js';
import { activate, linear } from '../../src/model/layers/index.js';
import { adamW, adamWScalars, adamWStart } from '../../src/train/adamw.js';
import { flatten, layoutOf, spread, unflatten } from '../../src/train/flat.js';
import { warmupCosine } from '../../src/train/schedule.js';
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

function problemLoss(io: Record<string, tf.Tensor>, p: Record<string, tf.Tensor>): tf.Scalar {
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

  it.each(['stored', 'own'] as const)('parameters after every step, %s gradients', (source) => {
    const tensors = io();
    const start = parametersAt(tensors, 'param', 0);
    if (source === 'own' && !('0.weight' in start)) return;
    const layout = layoutOf(start);
    const groups = {
      rate: spread(layout, () => 1),
      decay: spread(layout, (_, shape) => (grouped && shape.length < 2 ? 0 : 1)),
    };
    let state = adamWStart(flatten(layout.names.map((name) => start[name]!)));
    for (let t = 1; t <= config.steps; t++) {
      const now = unflatten(layout, state.weights);
      const gradients =
        source === 'stored'
          ? layout.names.map((name) => parametersAt(tensors, 'grad', t)[name]!)
          : tf.grads((...ps: tf.Tensor[]) =>
              problemLoss(tensors, Object.fromEntries(layout.names.map((name, i) => [name, ps[i]!]))),
            )(layout.names.map((name) => now[name]!));
      const rate = description.log_fp64[t - 1].lr ?? config.lr;
      const result = adamW(adam, groups, state, flatten(gradients), adamWScalars(adam, t, rate));
      state = result.state;
      const norm = description.log_fp64[t - 1].grad_norm_before_clip;
      if (norm !== undefined && norm !== null) {
        const measured = result.gradientNorm.dataSync()[0]!;
        expect(Math.abs(measured / norm - 1)).toBeLessThanOrEqual(source === 'stored' ? 1e-5 : 1e-4);
      }
      const expected = parametersAt(tensors, 'param', t);
      const actual = unflatten(layout, state.weights);
      for (const name of layout.names) {
        const limit = source === 'stored' ? 2e-6 : 2e-5;
        expect(largestDifference(actual[name]!, expected[name]!), `${name} step ${t}`).toBeLessThanOrEqual(limit);
      }
    }
  });
});

describe.each(all.filter((f) => readCase(f).schedules))("schedules equal transformers': %s", (folder) => {
  const schedules = Object.entries(readCase(folder).schedules as Record<string, Schedule>).filter(
    ([, { function: name, args }]) => /cosine.*_with_warmup/.test(name) && (args.num_cycles ?? 0.5) === 0.5,
  );
  it.each(schedules)('%s', (_, { args, base_lr, lr_by_0_based_step }) => {
    lr_by_0_based_step.forEach((expected, step) => {
      const { num_training_steps: steps, num_warmup_steps: warmup, min_lr_rate: floor = 0 } = args;
      const rate = base_lr * warmupCosine(step, steps, warmup, floor);
      expect(Math.abs(rate - expected)).toBeLessThanOrEqual(1e-9 * base_lr);
    });
  });
});

it('the cosine ends at its floor', () => {
  expect(warmupCosine(100, 100, 10, 0.1)).toBeCloseTo(0.1, 12);
  expect(warmupCosine(10, 100, 10, 0.1)).toBeCloseTo(1, 12);
});
