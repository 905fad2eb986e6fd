import * as tf from '@tensorflow/tfjs-core';
import type { Parameters } from '../model/parameters.js';

/** Where each weight lies in one long vector, in the order of the names. */
export interface Layout {
  readonly names: readonly string[];
  readonly shapes: readonly number[][];
  readonly sizes: readonly number[];
  readonly total: number;
}

/** Lays weights end to end. An optimizer then updates one vector, not sixty tensors one by one. */
export function layoutOf(parameters: Parameters): Layout {
  const names = Object.keys(parameters);
  const shapes = names.map((name) => [...parameters[name]!.shape]);
  const sizes = names.map((name) => parameters[name]!.size);
  return { names, shapes, sizes, total: sizes.reduce((a, b) => a + b, 0) };
}

/** Tensors of a layout as one vector, [total]. */
export function flatten(tensors: readonly tf.Tensor[]): tf.Tensor1D {
  return tf.concat(tensors.map((x) => tf.reshape(x, [-1]) as tf.Tensor1D));
}

/** One vector as the tensors of a layout. */
export function unflatten(layout: Layout, vector: tf.Tensor1D): Record<string, tf.Tensor> {
  const parts = tf.split(vector, [...layout.sizes]);
  return Object.fromEntries(layout.names.map((name, i) => [name, tf.reshape(parts[i]!, layout.shapes[i]!)]));
}

/** A vector that holds one number for each weight's every scalar: its rate, or whether it decays. */
export function spread(layout: Layout, numberOf: (name: string, shape: readonly number[]) => number): tf.Tensor1D {
  const values = new Float32Array(layout.total);
  let at = 0;
  layout.names.forEach((name, i) => {
    values.fill(numberOf(name, layout.shapes[i]!), at, at + layout.sizes[i]!);
    at += layout.sizes[i]!;
  });
  return tf.tensor1d(values);
}
