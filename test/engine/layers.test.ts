import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { compile } from '../../src/engine/compile.js';
import { openEngine } from '../../src/engine/index.js';
import { withoutLayers } from '../../src/engine/tensorflow/layers.js';
import { activate } from '../../src/model/layers/activation.js';
import { layerNorm, rmsNorm } from '../../src/model/layers/norm.js';
import { random } from '../../src/random.js';

const engine = await openEngine();

/** Several ops a layer are what wasm has, and XLA: those are compared with the published implementations too. */
describe.runIf(engine.name === 'tensorflow')('a kernel of a whole layer', () => {
  const normal = (name: string, shape: number[], scale = 1) => {
    const stream = random(7, name);
    return tf.tensor(
      Float32Array.from({ length: tf.util.sizeFromShape(shape) }, () => scale * stream.normal()),
      shape,
    );
  };
  beforeAll(() => {
    expect(tf.getKernel('LayerNorm', 'tensorflow')).toBeDefined();
  });

  type Layer = (...inputs: tf.Tensor[]) => tf.Tensor;
  const layers: Record<string, [layer: Layer, vectors: number]> = {
    'layer norm': [(x, gain, bias) => layerNorm(x!, gain!, bias!, 1e-5), 2],
    'RMS norm': [(x, gain) => rmsNorm(x!, gain!, 1e-5), 1],
    silu: [(x) => activate('silu', x!), 0],
    quick_gelu: [(x) => activate('quick_gelu', x!), 0],
    gelu: [(x) => activate('gelu', x!), 0],
  };
  /** A row, few rows, widths that no vector divides, and more numbers than one thread takes. */
  const shapes = [[1], [5], [1, 17], [3, 7, 1], [2, 3, 5, 33], [700, 96], [64, 24, 24, 32]];
  const cases = Object.keys(layers).flatMap((name) => shapes.map((shape) => [name, shape] as const));

  const run = (name: string, shape: readonly number[]) => {
    const [layer, vectors] = layers[name]!;
    const x = normal('x', [...shape], 3);
    const inputs = [x, ...Array.from({ length: vectors }, (_, i) => normal(`vector ${i}`, [shape.at(-1)!]))];
    const dy = normal('dy', [...shape]);
    return [layer(...inputs), ...tf.grads(layer)(inputs, dy)].map((tensor) => Float32Array.from(tensor.dataSync()));
  };

  it.each(cases)('gives what several ops give, and its gradients: %s of %j', (name, shape) => {
    const whole = run(name, shape);
    const several = withoutLayers(tf, () => run(name, shape));
    // Gradients of gains are sums over all rows.
    const rows = tf.util.sizeFromShape([...shape]) / shape.at(-1)!;
    whole.forEach((values, i) => {
      const tolerance = i < 2 ? 1e-5 : 2e-6 * Math.max(10, rows ** 0.5 * 10);
      values.forEach((value, at) => {
        if (!(Math.abs(value - several[i]![at]!) <= tolerance))
          throw new Error(`${i ? `gradient ${i - 1}` : 'value'}: ${value} and not ${several[i]![at]} at ${at}`);
      });
    });
  });

  it.each(Object.keys(layers))('comes to the same to the last bit each time: %s', (name) => {
    const [first, second] = [run(name, [700, 96]), run(name, [700, 96])];
    expect(first).toEqual(second);
  });

  it('takes numbers of any size, and lets one through that is none', () => {
    const x = tf.tensor1d([-1e30, -200, -60, -1e-30, 0, 1e-30, 60, 200, 1e30, Number.NaN, Number.POSITIVE_INFINITY]);
    for (const name of ['silu', 'quick_gelu', 'gelu'] as const) {
      const found = [...activate(name, x).dataSync()];
      expect(found.slice(0, 9).map((value) => Math.abs(value) < 1e-3 || value)).toEqual([
        ...Array(6).fill(true),
        60,
        200,
        Math.fround(1e30),
      ]);
      expect(found[9]).toBeNaN();
      expect(found[10]).toBe(Number.POSITIVE_INFINITY);
    }
    const rows = tf.tensor2d([1, 2, Number.NaN, 4], [2, 2]);
    const [ones, zeros] = [tf.ones([2]), tf.zeros([2])];
    for (const found of [layerNorm(rows, ones, zeros, 1e-5), rmsNorm(rows, ones, 1e-5)]) {
      const values = [...found.dataSync()];
      expect(values.slice(0, 2).every(Number.isFinite)).toBe(true);
      expect(values.slice(2).some(Number.isNaN)).toBe(true);
    }
  });

  it('has nothing to do where there are no rows', () => {
    const empty = tf.zeros([0, 8]);
    const [gain, bias] = [tf.ones([8]), tf.zeros([8])];
    const gradients = tf.grads((x, g, b) => layerNorm(x!, g!, b!, 1e-5))([empty, gain, bias], empty);
    expect(gradients.map(({ shape }) => shape)).toEqual([[0, 8], [8], [8]]);
    expect([...gradients[1]!.dataSync()]).toEqual(Array(8).fill(0));
  });

  it('is a node of a graph, and side by side with others: what several threads ask for at once', async () => {
    const step = compile('layers', ({ x, gain }: { x: tf.Tensor; gain: tf.Tensor }) =>
      Array.from({ length: 12 }, (_, i) => activate('silu', rmsNorm(tf.mul(x, i + 1), gain, 1e-5))).reduce((a, b) =>
        tf.add(a, b),
      ),
    );
    const [x, gain] = [normal('many', [2000, 96]), normal('gain', [96])];
    const expected = tf.tidy(() => tf.mul(12, activate('silu', rmsNorm(x, gain, 1e-5))));
    for (let i = 0; i < 20; i++) {
      const found = step({ x, gain });
      // Scaling the input changes nothing but for epsilon.
      expect(tf.max(tf.abs(tf.sub(found, expected))).dataSync()[0]).toBeLessThan(2e-2);
      found.dispose();
    }
  });
});
