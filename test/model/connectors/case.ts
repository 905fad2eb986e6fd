import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { expect } from 'vitest';
import { expectGradients, largestDifference, readTensors } from '../golden.js';

export type Weights = Record<string, tf.Tensor>;

/** What a case says of one grid's loss, mean(output^2). */
interface Loss {
  readonly value_fp64: number;
  readonly grad_global_l2_fp64?: number;
  readonly grad_input_l2_fp64?: number;
}

/** One grid of a case: what goes in, what must come out, and how close. */
export interface Grid {
  readonly weights: Weights;
  readonly input: tf.Tensor3D;
  readonly output: tf.Tensor;
  readonly loss: Loss;
  readonly limits: { readonly output: number; readonly loss: number; readonly relative: number };
}

/** A tensor by its place as a case writes it: `file:name`, or a name in the case's own file. */
export function tensorAt(folder: string, place: string, file = 'io.safetensors'): tf.Tensor {
  const [from, name] = place.includes(':') ? (place.split(':') as [string, string]) : [file, place];
  return readTensors(join(folder, from))[name]!;
}

/** Output, loss, each parameter's gradient where the case gives it, and the norms of all gradients and of the input's. */
export async function expectGrid(
  forward: (weights: Weights, input: tf.Tensor3D) => tf.Tensor,
  grid: Grid,
): Promise<void> {
  const { weights, input, loss, limits } = grid;
  expect(await largestDifference(forward(weights, input), grid.output)).toBeLessThanOrEqual(limits.output);
  const meanSquare = (p: Weights, x: tf.Tensor3D) => tf.mean(tf.square(forward(p, x))) as tf.Scalar;
  await expectGradients((p) => meanSquare(p, input), weights, loss, limits);

  const names = Object.keys(weights);
  const gradients = tf.grads((...tensors: tf.Tensor[]) =>
    meanSquare(Object.fromEntries(names.map((name, i) => [name, tensors[i + 1]!])), tensors[0] as tf.Tensor3D),
  )([input, ...names.map((name) => weights[name]!)]);
  const norms = await Promise.all(gradients.map(async (gradient) => (await tf.norm(gradient).data())[0]!));
  const close = (actual: number, expected: number | undefined, what: string) => {
    if (expected === undefined) return;
    expect(Math.abs(actual - expected), what).toBeLessThanOrEqual(Math.max(1e-6, limits.relative * expected));
  };
  close(norms[0]!, loss.grad_input_l2_fp64, 'l2 of the input');
  close(Math.hypot(...norms.slice(1)), loss.grad_global_l2_fp64, 'l2 of all parameters');
}
