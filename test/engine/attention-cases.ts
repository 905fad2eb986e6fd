import * as tf from '@tensorflow/tfjs-core';
import { causalMask, FORBIDDEN, type Mask, type PackedSequences } from '../../src/model/layers/index.js';
import { random } from '../../src/random.js';

/** What attention is called with. */
export type Sizes = readonly [batch: number, heads: number, queries: number, keys: number, head: number];

/** The same numbers of each name, each time. */
export function normal(name: string, shape: readonly number[]): tf.Tensor4D {
  const stream = random(7, name);
  const values = Float32Array.from({ length: tf.util.sizeFromShape([...shape]) }, () => 2 * stream.normal());
  return tf.tensor(values, shape as [number, number, number, number]);
}

/** Queries, keys, values, and the gradient of what comes of them. */
export function inputsOf([batch, heads, queries, keys, head]: Sizes): [
  tf.Tensor4D,
  tf.Tensor4D,
  tf.Tensor4D,
  tf.Tensor4D,
] {
  return [
    normal('q', [batch, heads, queries, head]),
    normal('k', [batch, heads, keys, head]),
    normal('v', [batch, heads, keys, head]),
    normal('dy', [batch, heads, queries, head]),
  ];
}

/** Barred where a rule says so. */
function barred(shape: number[], rule: (place: number[]) => boolean): tf.Tensor {
  const strides = tf.util.computeStrides(shape);
  const at = (i: number) => tf.util.indexToLoc(i, shape.length, strides);
  const values = Array.from({ length: tf.util.sizeFromShape(shape) }, (_, i) => (rule(at(i)) ? FORBIDDEN : 0));
  return tf.tensor(values, shape);
}

/** Sequences in which groups and examples have these lengths, the first of each group's shared, with padding behind. */
function sequences([batch, , , keys]: Sizes, group: number, example: number): PackedSequences {
  const filled = keys - Math.floor(keys / 9);
  const of = (value: (place: number) => number): tf.Tensor2D => {
    const values = Array.from({ length: batch * keys }, (_, i) => {
      // No two rows are alike.
      const place = (i % keys) + 3 * Math.floor(i / keys);
      return i % keys < filled ? value(place) : -1;
    });
    return tf.tensor2d(values, [batch, keys], 'int32');
  };
  return {
    groups: of((place) => Math.floor(place / group)),
    segments: of((place) => Math.floor((place % group) / example)),
  };
}

/** Masks of every kind that attention knows. */
export const masks: Readonly<Record<string, (sizes: Sizes) => Mask | undefined>> = {
  none: () => undefined,
  causal: ([, , queries]) => causalMask(queries),
  // Examples one behind the other, of a length that no block divides.
  packed: ([batch, , queries, keys]) =>
    barred([batch, 1, queries, keys], ([, , q, k]) => k! > q! || Math.floor(k! / 19) !== Math.floor(q! / 19)),
  'of packed sequences': (sizes) => sequences(sizes, 90, 19),
  'of sequences of one example': (sizes) => sequences(sizes, 1000, 1000),
  'of sequences of short examples': (sizes) => sequences(sizes, 7, 2),
  'of the keys alone': ([batch, , , keys]) => barred([batch, 1, 1, keys], ([row, , , k]) => k! > 3 * (row! + 1)),
  'of two axes': ([, , queries, keys]) => barred([queries, keys], ([q, k]) => (q! + k!) % 5 === 0),
  'that differs by the head': ([batch, heads, queries, keys]) =>
    barred([batch, heads, queries, keys], ([, head, , k]) => k! < 3 * head!),
  'one number': () => tf.fill([1, 1, 1, 1], -3),
  'that bars every key of some queries': ([batch, , queries, keys]) =>
    barred([batch, 1, queries, keys], ([, , q, k]) => q! % 3 === 0 || k! < q! - 2),
  'that adds to scores': ([batch, heads, queries, keys]) => normal('mask', [batch, heads, queries, keys]),
};

const square: readonly Sizes[] = [
  [1, 1, 8, 8, 4],
  [2, 3, 37, 37, 28],
  [2, 2, 33, 33, 32],
  [1, 2, 100, 100, 48],
  [3, 1, 65, 65, 5],
  [4, 4, 300, 300, 32],
];

/** Every mask with every size that it fits. */
export const cases: readonly (readonly [mask: string, sizes: Sizes])[] = [
  ...Object.keys(masks).flatMap((mask) => square.map((sizes) => [mask, sizes] as const)),
  ...['none', 'of two axes', 'of the keys alone'].map((mask) => [mask, [2, 2, 9, 70, 24] as Sizes] as const),
];

/** What attention gives, and the gradients of its queries, keys and values. */
export type Results = readonly Float32Array[];

/** @throws where one of the numbers is further away than float32 sums in another order are */
export function expectClose(found: Results, expected: Results): void {
  found.forEach((values, i) => {
    const largest = expected[i]!.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    values.forEach((value, at) => {
      if (!(Math.abs(value - expected[i]![at]!) <= 3e-6 * Math.max(1, largest)))
        throw new Error(`${['value', 'dq', 'dk', 'dv'][i]}: ${value} and not ${expected[i]![at]} at ${at}`);
    });
  });
}
