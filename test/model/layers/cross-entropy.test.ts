import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { compile } from '../../../src/engine/compile.js';
import { openEngine } from '../../../src/engine/index.js';
import { withoutLayers } from '../../../src/engine/tensorflow/layers.js';
import { crossEntropy } from '../../../src/model/layers/index.js';
import { random } from '../../../src/random.js';

const engine = await openEngine();

it('is a number however high or low the scores are', async () => {
  const logits = tf.tensor2d([
    [1000, 999, 0],
    [-1000, -1001, -1000],
    [0, 0, 1000],
  ]);
  const targets = tf.tensor1d([1, 0, 1], 'int32');
  const losses = await crossEntropy(logits, targets).data();
  expect(losses[0]).toBeCloseTo(Math.log(1 + Math.exp(1)), 4);
  expect(losses[1]).toBeCloseTo(Math.log(2 + Math.exp(-1)), 4);
  expect(losses[2]).toBe(1000);
  const gradient = await tf
    .grad((x) => tf.sum(crossEntropy(x as tf.Tensor2D, targets)))(logits)
    .data();
  expect(gradient[0]).toBeCloseTo(1 / (1 + Math.exp(-1)), 4);
  expect(gradient[3]).toBeCloseTo(1 / (2 + Math.exp(-1)) - 1, 4);
});

describe.runIf(engine.name === 'tensorflow')('the kernel of cross-entropy', () => {
  /** One row, few rows, classes that no vector divides, and more rows than one thread takes. */
  const shapes: [rows: number, classes: number][] = [
    [1, 7],
    [5, 33],
    [300, 4096],
    [0, 8],
  ];
  const run = ([rows, classes]: [number, number]) => {
    const stream = random(7, `${rows} ${classes}`);
    const logits = tf.tensor2d(
      Float32Array.from({ length: rows * classes }, () => 8 * stream.normal()),
      [rows, classes],
    );
    const targets = tf.tensor1d(
      Int32Array.from({ length: rows }, (_, row) => [0, classes - 1, stream.below(classes)][row % 3]!),
      'int32',
    );
    const dy = tf.tensor1d(Float32Array.from({ length: rows }, () => stream.normal()));
    const gradient = tf.grad((x) => crossEntropy(x as tf.Tensor2D, targets))(logits, dy);
    return [crossEntropy(logits, targets), gradient].map((tensor) => Float32Array.from(tensor.dataSync()));
  };

  it.each(shapes)('gives what several ops give, and its gradient: %i rows of %i classes', (...shape) => {
    const [whole, several] = [run(shape), withoutLayers(tf, () => run(shape))];
    for (const i of [0, 1]) {
      expect(whole[i]!.length).toBe(several[i]!.length);
      whole[i]!.forEach((value, at) => {
        if (!(Math.abs(value - several[i]![at]!) <= [2e-5, 5e-6][i]!))
          throw new Error(`${['loss', 'gradient'][i]}: ${value} and not ${several[i]![at]} at ${at}`);
      });
    }
  });

  it('comes to the same to the last bit each time', () => {
    expect(run([40, 4096])).toEqual(run([40, 4096]));
  });

  it('lets a score through that is no number', () => {
    for (const score of [Number.NaN, Number.POSITIVE_INFINITY]) {
      const logits = tf.tensor2d([1, 2, score, 4, 1, 2, 3, 4], [2, 4]);
      const losses = crossEntropy(logits, tf.tensor1d([0, 0], 'int32')).dataSync();
      expect(Number.isFinite(losses[0])).toBe(false);
      expect(losses[1]).toBeCloseTo(3.4402, 4);
    }
  });

  it.each([-1, 4])('refuses target %i of four classes, in a graph as well', (target) => {
    const logits = tf.zeros([2, 4]) as tf.Tensor2D;
    const targets = tf.tensor1d([0, target], 'int32');
    expect(() => crossEntropy(logits, targets)).toThrow('none of the classes');
    const step = compile('loss', (given: { logits: tf.Tensor2D; targets: tf.Tensor1D }) =>
      crossEntropy(given.logits, given.targets),
    );
    step({ logits, targets: tf.tensor1d([0, 1], 'int32') }).dispose();
    expect(() => step({ logits, targets }).dataSync()).toThrow('none of the classes');
  });
});
