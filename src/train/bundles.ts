import * as tf from '@tensorflow/tfjs-core';
import type { Parameters } from '../model/parameters.js';

/** Weights that are updated by one rule, end to end in one vector: an optimizer then has a few vectors, not sixty tensors. */
export interface Bundle {
  readonly names: readonly string[];
  readonly shapes: readonly number[][];
  readonly sizes: readonly number[];
  /** Multiplies the learning rate. */
  readonly rate: number;
  /** Multiplies the decay: 1 for matrices, 0 for biases, gains and lone vectors. */
  readonly decay: number;
}

/** Bundles by a name that says their rule. */
export type Bundles = Readonly<Record<string, Bundle>>;

/** Puts weights together that have one rate and all decay, or none of which does. */
export function bundlesOf(parameters: Parameters, rateOf: (name: string) => number): Bundles {
  const bundles: Record<string, Bundle> = {};
  for (const [name, { shape, size }] of Object.entries(parameters)) {
    const [rate, decay] = [rateOf(name), shape.length < 2 ? 0 : 1];
    const rule = `rate ${rate}, decay ${decay}`;
    const { names = [], shapes = [], sizes = [] } = bundles[rule] ?? {};
    bundles[rule] = { names: [...names, name], shapes: [...shapes, shape], sizes: [...sizes, size], rate, decay };
  }
  return bundles;
}

/** Named tensors as vectors, one a bundle. */
export function bundled(bundles: Bundles, tensors: Parameters): Record<string, tf.Tensor> {
  return mappedBundles(bundles, ({ names }) =>
    tf.concat(names.map((name) => tf.reshape(tensors[name]!, [-1]) as tf.Tensor1D)),
  );
}

/** Vectors as the named tensors that stand in them, in the weights' own order. */
export function unbundled(bundles: Bundles, vectors: Parameters, order: readonly string[]): Record<string, tf.Tensor> {
  const named: Record<string, tf.Tensor> = {};
  for (const [rule, { names, shapes, sizes }] of Object.entries(bundles)) {
    const parts = tf.split(vectors[rule]! as tf.Tensor1D, [...sizes]);
    names.forEach((name, i) => {
      named[name] = tf.reshape(parts[i]!, shapes[i]!);
    });
  }
  return Object.fromEntries(order.map((name) => [name, named[name]!]));
}

/** Something made of each bundle, under its name. */
export function mappedBundles<Made>(bundles: Bundles, make: (bundle: Bundle) => Made): Record<string, Made> {
  return Object.fromEntries(Object.entries(bundles).map(([rule, bundle]) => [rule, make(bundle)]));
}
