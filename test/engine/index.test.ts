import * as tf from '@tensorflow/tfjs-core';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { chooseEngine, type EngineName, openEngine } from '../../src/engine/index.js';
import { tensorflow } from '../../src/engine/tensorflow/index.js';
import { Mm1Error } from '../../src/errors.js';

const missing = tensorflow.missing();
const needsTensorflow = missing === null ? '' : ` (skipped: tensorflow cannot be used, ${missing})`;

afterEach(() => vi.unstubAllEnvs());

/** Small whole numbers: products and sums are exact in float32. */
const whole = (length: number, step: number): number[] => Array.from({ length }, (_, i) => ((i * step) % 13) - 6);

/** What `compute` gives on an engine, as numbers. */
async function on(name: EngineName, compute: () => tf.Tensor): Promise<Float32Array> {
  expect((await openEngine(name)).name).toBe(name);
  expect(tf.getBackend()).toBe(name);
  const result = compute();
  const values = (await result.data()) as Float32Array;
  result.dispose();
  return values;
}

const product = () =>
  tf.tidy(() => tf.matMul(tf.tensor2d(whole(6 * 5, 7), [6, 5]), tf.tensor2d(whole(5 * 4, 5), [5, 4])));

/** The same in plain JavaScript. */
function expectedProduct(): number[] {
  const a = whole(6 * 5, 7);
  const b = whole(5 * 4, 5);
  return Array.from({ length: 6 * 4 }, (_, at) => {
    let sum = 0;
    for (let k = 0; k < 5; k++) sum += a[Math.floor(at / 4) * 5 + k]! * b[k * 4 + (at % 4)]!;
    return sum;
  });
}

test('wasm multiplies matrices', async () => {
  expect([...(await on('wasm', product))]).toEqual(expectedProduct());
});

test('wasm tells its version and the processor', async () => {
  const engine = await openEngine('wasm');
  expect(engine.version).toMatch(/^\d+\.\d+\.\d+$/);
  expect(engine.device).not.toBe('');
});

describe.skipIf(missing !== null)(`tensorflow${needsTensorflow}`, () => {
  test('multiplies as wasm does', async () => {
    expect([...(await on('tensorflow', product))]).toEqual(expectedProduct());
  });

  test('gives the gradient that wasm gives', async () => {
    const loss = (x: tf.Tensor) => tf.sum(tf.square(tf.softmax(tf.matMul(x, x))));
    const gradient = () => tf.tidy(() => tf.grad(loss)(tf.div(tf.tensor2d(whole(9, 7), [3, 3]), 8)));
    const native = await on('tensorflow', gradient);
    const fallback = await on('wasm', gradient);
    expect(Math.max(...native.map(Math.abs))).toBeGreaterThan(0.01);
    for (const [i, value] of native.entries()) expect(Math.abs(value - fallback[i]!)).toBeLessThan(1e-6);
  });

  test('runs the kernels for which tfjs-node calls what Node 23 dropped', async () => {
    const top = await on('tensorflow', () => tf.tidy(() => tf.topk(tf.tensor1d([3, 1, 2]), 2).values));
    expect([...top]).toEqual([3, 2]);
  });

  test('tells the version of TensorFlow itself', async () => {
    expect((await openEngine('tensorflow')).version).toBe('2.21.0');
  });

  test('is the default', () => {
    vi.stubEnv('MM1_ENGINE', '');
    expect(chooseEngine()).toMatchObject({ name: 'tensorflow', forced: false });
  });
});

test('MM1_ENGINE decides', async () => {
  vi.stubEnv('MM1_ENGINE', 'wasm');
  expect(chooseEngine()).toMatchObject({ name: 'wasm', forced: true });
  expect((await openEngine()).name).toBe('wasm');
});

test('an MM1_ENGINE that is no engine is refused with the names of those that are', async () => {
  vi.stubEnv('MM1_ENGINE', 'cuda');
  const error = await openEngine().catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(Mm1Error);
  expect((error as Mm1Error).code).toBe('E_ENGINE');
  expect((error as Mm1Error).format()).toMatch(/"cuda"[\s\S]*tensorflow, webgpu or wasm/);
});
