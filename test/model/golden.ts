import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { expect } from 'vitest';
import { readSafetensors } from '../../src/store/safetensors.js';

export { cases } from '../golden-folder.js';

/** On TensorFlow the strict tolerance of a case counts, on any other engine that is asked for the loose one. */
export function tolerance(strict: number, loose: number): number {
  return (process.env.MM1_ENGINE || 'tensorflow') === 'tensorflow' ? strict : loose;
}

// biome-ignore lint/suspicious/noExplicitAny: each group's case.json has a form of its own
export type Case = any;

/** A case's description. */
export function readCase(folder: string): Case {
  return JSON.parse(readFileSync(join(folder, 'case.json'), 'utf8'));
}

/** A file of tensors, ids as int32. */
export function readTensors(file: string): Record<string, tf.Tensor> {
  const tensors: Record<string, tf.Tensor> = {};
  for (const [name, { shape, values }] of readSafetensors(file)) {
    const ids = values instanceof BigInt64Array ? Int32Array.from(values, Number) : null;
    tensors[name] = tf.tensor(ids ?? (values as Float32Array), [...shape], ids ? 'int32' : 'float32');
  }
  return tensors;
}

/** Largest absolute difference of two tensors of one shape. */
export async function largestDifference(actual: tf.Tensor, expected: tf.Tensor): Promise<number> {
  expect(actual.shape).toEqual(expected.shape);
  const largest = tf.tidy(() => tf.max(tf.abs(tf.sub(actual, expected))));
  const [value] = await largest.data();
  largest.dispose();
  return value!;
}

interface GradientFacts {
  l2: number;
  sum: number;
  dot_w: number;
}

/**
 * Loss and gradients of a scalar function of weights, against a case's `loss` block: the loss within `loss`, each
 * gradient's norm within `relative` (or 1e-6 absolute where it is zero by analysis), its sum and its product with the
 * weight within the same share of their own scale.
 */
export async function expectGradients(
  f: (parameters: Record<string, tf.Tensor>) => tf.Scalar,
  parameters: Record<string, tf.Tensor>,
  expected: { value_fp64: number; grads_fp64?: Record<string, GradientFacts> },
  tolerance: { loss: number; relative: number },
): Promise<void> {
  const names = Object.keys(parameters);
  const { value, grads } = tf.valueAndGrads((...tensors: tf.Tensor[]) =>
    f(Object.fromEntries(names.map((name, i) => [name, tensors[i]!]))),
  )(names.map((name) => parameters[name]!));
  expect(Math.abs((await value.data())[0]! - expected.value_fp64)).toBeLessThanOrEqual(tolerance.loss);
  for (const [name, facts] of Object.entries(expected.grads_fp64 ?? {})) {
    const index = names.indexOf(name);
    expect(index, `parameter ${name}`).toBeGreaterThanOrEqual(0);
    const g = (await grads[index]!.data()) as Float32Array;
    const w = (await parameters[name]!.data()) as Float32Array;
    let square = 0;
    let sum = 0;
    let dot = 0;
    let weightSquare = 0;
    for (let i = 0; i < g.length; i++) {
      square += g[i]! ** 2;
      sum += g[i]!;
      dot += g[i]! * w[i]!;
      weightSquare += w[i]! ** 2;
    }
    const floor = 1e-6;
    const scaleOfSum = facts.l2 * Math.sqrt(g.length);
    const scaleOfDot = facts.l2 * Math.sqrt(weightSquare);
    expect(Math.abs(Math.sqrt(square) - facts.l2), `${name} l2`).toBeLessThanOrEqual(
      Math.max(floor, tolerance.relative * facts.l2),
    );
    expect(Math.abs(sum - facts.sum), `${name} sum`).toBeLessThanOrEqual(
      Math.max(floor * Math.sqrt(g.length), tolerance.relative * scaleOfSum),
    );
    expect(Math.abs(dot - facts.dot_w), `${name} dot_w`).toBeLessThanOrEqual(
      Math.max(floor, tolerance.relative * scaleOfDot),
    );
  }
}
