import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { compile } from '../../src/engine/compile.js';
import { openEngine } from '../../src/engine/index.js';
import { withoutLayers } from '../../src/engine/tensorflow/layers.js';
import { attend, causalMask, FORBIDDEN } from '../../src/model/layers/attention.js';
import { random } from '../../src/random.js';

const engine = await openEngine();

describe.runIf(engine.name === 'tensorflow')('the kernel of whole attention', () => {
  const normal = (name: string, shape: number[]): tf.Tensor4D => {
    const stream = random(7, name);
    const values = Float32Array.from({ length: tf.util.sizeFromShape(shape) }, () => 2 * stream.normal());
    return tf.tensor(values, shape as [number, number, number, number]);
  };
  /** Barred where a rule says so. */
  const barred = (shape: number[], rule: (place: number[]) => boolean) => {
    const strides = tf.util.computeStrides(shape);
    const at = (i: number) => tf.util.indexToLoc(i, shape.length, strides);
    const values = Array.from({ length: tf.util.sizeFromShape(shape) }, (_, i) => (rule(at(i)) ? FORBIDDEN : 0));
    return tf.tensor(values, shape);
  };
  type Sizes = readonly [batch: number, heads: number, queries: number, keys: number, head: number];
  const masks: Record<string, (sizes: Sizes) => tf.Tensor | undefined> = {
    none: () => undefined,
    causal: ([, , queries]) => causalMask(queries),
    // Examples one behind the other, of a length that no block divides.
    packed: ([batch, , queries, keys]) =>
      barred([batch, 1, queries, keys], ([, , q, k]) => k! > q! || Math.floor(k! / 19) !== Math.floor(q! / 19)),
    'of the keys alone': ([batch, , , keys]) => barred([batch, 1, 1, keys], ([row, , , k]) => k! > 3 * (row! + 1)),
    'of two axes': ([, , queries, keys]) => barred([queries, keys], ([q, k]) => (q! + k!) % 5 === 0),
    'that differs by the head': ([batch, heads, queries, keys]) =>
      barred([batch, heads, queries, keys], ([, head, , k]) => k! < 3 * head!),
    'one number': () => tf.fill([1, 1, 1, 1], -3),
    'that bars every key of some queries': ([batch, , queries, keys]) =>
      barred([batch, 1, queries, keys], ([, , q, k]) => q! % 3 === 0 || k! < q! - 2),
    'that adds to scores': ([batch, heads, queries, keys]) => normal('mask', [batch, heads, queries, keys]),
  };
  const sizes: Sizes[] = [
    [1, 1, 8, 8, 4],
    [2, 3, 37, 37, 28],
    [2, 2, 33, 33, 32],
    [1, 2, 100, 100, 48],
    [3, 1, 65, 65, 5],
    [4, 4, 300, 300, 32],
  ];
  const cases = [
    ...Object.keys(masks).flatMap((mask) => sizes.map((of) => [mask, of] as const)),
    ...['none', 'of two axes', 'of the keys alone'].map((mask) => [mask, [2, 2, 9, 70, 24] as Sizes] as const),
  ];

  const run = (mask: string, of: Sizes) => {
    const [batch, heads, queries, keys, head] = of;
    const added = masks[mask]!(of);
    const layer = (q: tf.Tensor, k: tf.Tensor, v: tf.Tensor) =>
      attend(q as tf.Tensor4D, k as tf.Tensor4D, v as tf.Tensor4D, added) as tf.Tensor;
    const inputs = [
      normal('q', [batch, heads, queries, head]),
      normal('k', [batch, heads, keys, head]),
      normal('v', [batch, heads, keys, head]),
    ] as [tf.Tensor, tf.Tensor, tf.Tensor];
    const gradients = tf.grads(layer as (...x: tf.Tensor[]) => tf.Tensor)(inputs, normal('dy', inputs[0].shape));
    return [layer(...inputs), ...gradients].map((tensor) => Float32Array.from(tensor.dataSync()));
  };

  it.each(cases)('gives what several ops give, and its gradients: mask %s, %j', (mask, of) => {
    expect(tf.getKernel('Attention', 'tensorflow')).toBeDefined();
    const whole = run(mask, of);
    const several = withoutLayers(tf, () => run(mask, of));
    whole.forEach((values, i) => {
      const largest = several[i]!.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
      values.forEach((value, at) => {
        if (!(Math.abs(value - several[i]![at]!) <= 3e-6 * Math.max(1, largest)))
          throw new Error(`${['value', 'dq', 'dk', 'dv'][i]}: ${value} and not ${several[i]![at]} at ${at}`);
      });
    });
  });

  it('comes to the same to the last bit each time', () => {
    expect(run('packed', [4, 4, 300, 300, 32])).toEqual(run('packed', [4, 4, 300, 300, 32]));
  });

  it('leaves nothing behind', () => {
    const q = normal('q', [1, 2, 8, 4]);
    for (const mask of [undefined, causalMask(8)]) {
      const before = tf.memory().numTensors;
      attend(q, q, q, mask).dispose();
      tf.dispose(tf.grads((x) => attend(x as tf.Tensor4D, q, q, mask) as tf.Tensor)([q]));
      expect(tf.memory().numTensors).toBe(before);
    }
  });

  it('hands a number on that is none', () => {
    const q = normal('q', [1, 1, 8, 4]);
    const values = Float32Array.from(q.dataSync(), (x, i) => (i === 5 ? Number.NaN : x));
    const spoiled = tf.tensor4d(values, [1, 1, 8, 4]);
    const y = attend(spoiled, q, q).dataSync();
    expect([...y.slice(4, 8)].every(Number.isNaN)).toBe(true);
    expect([...y.slice(0, 4)].every(Number.isFinite)).toBe(true);
  });

  it('is part of a recorded step', async () => {
    const inputs = ['q', 'k', 'v'].map((name) => normal(name, [2, 2, 40, 16])) as [tf.Tensor, tf.Tensor, tf.Tensor];
    const step = (q: tf.Tensor, k: tf.Tensor, v: tf.Tensor) =>
      attend(q as tf.Tensor4D, k as tf.Tensor4D, v as tf.Tensor4D, causalMask(40));
    const expected = await step(...inputs).data();
    const compiled = compile('attention', (given: { q: tf.Tensor; k: tf.Tensor; v: tf.Tensor }) => ({
      y: step(given.q, given.k, given.v),
    }));
    const { y } = compiled({ q: inputs[0], k: inputs[1], v: inputs[2] });
    expect([...(await y.data())]).toEqual([...expected]);
  });
});
