import * as tf from '@tensorflow/tfjs-core';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { compile } from '../../src/engine/compile.js';
import { openEngine } from '../../src/engine/index.js';
import { checkPrecision, inPrecision } from '../../src/engine/precision.js';
import { train } from '../../src/train/loop.js';
import { batchesOf } from '../train/batches/batches-of.js';

// bfloat16 has 8 bits of a number: 257 of them are 256 or 258.
const { name } = await openEngine();
afterEach(() => void vi.unstubAllEnvs());

const product = ({ x, y }: { x: tf.Tensor; y: tf.Tensor }) =>
  inPrecision('bf16', () => tf.matMul(x as tf.Tensor2D, y as tf.Tensor2D));

describe.runIf(name === 'tensorflow')('bf16', () => {
  it.each(['0', 'graph', 'xla'])('rounds both sides of a product, and adds up in float32: MM1_COMPILE=%s', (mode) => {
    vi.stubEnv('MM1_COMPILE', mode);
    const run = compile('product', product);
    const of = (row: number[], column: number[]) =>
      run({ x: tf.tensor2d([row]), y: tf.tensor2d(column, [column.length, 1]) }).dataSync()[0];
    expect(of([257], [1])).toBe(256);
    expect(of([1], [1 + 2 ** -9])).toBe(1);
    expect(of([256, 1, 1, 1, 1], [1, 1, 1, 1, 1])).toBe(260); // in bfloat16, 256 + 1 is 256
  });

  it('holds for gradients, and for nothing but products', () => {
    const slope = tf.grad((x: tf.Tensor) => tf.sum(tf.mul(tf.matMul(x as tf.Tensor2D, tf.tensor2d([[257]])), 257)));
    expect(slope(tf.tensor2d([[1]])).dataSync()[0]).toBe(257 * 257);
    expect(inPrecision('bf16', () => slope(tf.tensor2d([[1]])).dataSync()[0])).toBe(256 * 256);
    expect(inPrecision('bf16', () => tf.mul(257, 1).dataSync()[0])).toBe(257);
  });

  it('ends with what was computed in it, also by a fault', () => {
    expect(() =>
      inPrecision('bf16', () => {
        throw new Error('no');
      }),
    ).toThrow('no');
    expect(tf.matMul([[257]], [[1]]).dataSync()[0]).toBe(257);
  });

  it('leaves no tensor behind', () => {
    const [x, y] = [tf.ones([2, 3]), tf.ones([3, 2])];
    const before = tf.memory().numTensors;
    product({ x, y }).dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  it.each(['0', 'graph'])('weights stay float32, and so small steps are not lost: MM1_COMPILE=%s', async (mode) => {
    vi.stubEnv('MM1_COMPILE', mode);
    const { weight } = await train({
      parameters: { weight: tf.ones([1, 1]) },
      batches: batchesOf(() => ({ x: tf.ones([1, 1]) })),
      loss: (p, { x }) => tf.sum(tf.matMul(x as tf.Tensor2D, p.weight as tf.Tensor2D)) as tf.Scalar,
      precision: 'bf16',
      steps: 10,
      learningRate: 1e-4,
      warmup: 0,
      schedule: 'constant',
      adam: { beta1: 0.9, beta2: 0.95, epsilon: 1e-8, weightDecay: 0, clip: 1 },
      onStep: () => {},
    });
    expect(weight!.dataSync()[0]).toBeCloseTo(1 - 10e-4, 6);
  });
});

it('is refused where the engine has none', async () => {
  expect(() => checkPrecision('bf16', 'wasm')).toThrow('precision bf16 needs the engine tensorflow');
  expect(() => checkPrecision('fp32', 'wasm')).not.toThrow();
  await openEngine('wasm');
  try {
    expect(() => product({ x: tf.ones([1, 1]), y: tf.ones([1, 1]) })).toThrow(
      expect.objectContaining({ code: 'E_PRECISION' }),
    );
  } finally {
    await openEngine(name);
  }
});
