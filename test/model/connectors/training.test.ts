import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { CONNECTOR_TYPES, type ConnectorType, UNREDUCED_CONNECTORS } from '../../../src/config/recipe.js';
import { openEngine } from '../../../src/engine/index.js';
import { CONNECTORS, type ConnectorConfig } from '../../../src/model/connectors/index.js';
import { initialise } from '../../../src/model/parameters.js';
import { type AdamWState, adamW, adamWScalars, adamWStart } from '../../../src/train/adamw.js';

beforeAll(async () => {
  await openEngine();
});

const GRID = 27;
const ADAM = { beta1: 0.9, beta2: 0.95, epsilon: 1e-8, weightDecay: 0.1, clip: 1 };
const STEPS = 30;

function configOf(type: ConnectorType, tokens: number, width: number, output: number): ConnectorConfig {
  return {
    encoder_hidden_size: width,
    hidden_size: width,
    output_hidden_size: output,
    grid: GRID,
    tokens: UNREDUCED_CONNECTORS.includes(type) ? GRID ** 2 : tokens,
  };
}

/** Patches that have something in common, as those of one picture have: half of their variance. */
function pictures(batch: number, width: number): tf.Tensor3D {
  const own = tf.randomNormal([batch, 1, width], 0, 1, 'float32', 1);
  return tf.mul(tf.add(own, tf.randomNormal([batch, GRID ** 2, width], 0, 1, 'float32', 2)), Math.SQRT1_2);
}

describe.each(CONNECTOR_TYPES)('%s', (type) => {
  it.each([64, 144])(`trains from ${GRID} x ${GRID} patches to %i tokens where it reduces them`, async (tokens) => {
    const config = configOf(type, tokens, 12, 10);
    const features = pictures(2, 12);
    // Each visual token is to say the same of its picture: a linear map of the mean patch.
    const map = tf.randomNormal([12, 10], 0, 12 ** -0.5, 'float32', 3) as tf.Tensor2D;
    const wanted = tf.reshape(tf.matMul(tf.mean(features, 1) as tf.Tensor2D, map), [2, 1, 10]);
    const start = initialise(CONNECTORS[type].specs(config), 1);
    const names = Object.keys(start);
    const groups = { rate: () => 1, decay: (name: string) => (start[name]!.rank < 2 ? 0 : 1) };
    let state: AdamWState = adamWStart(start);
    const losses: number[] = [];
    for (let step = 1; step <= STEPS; step++) {
      const { next, loss } = tf.tidy(() => {
        const { value, grads } = tf.valueAndGrads((...tensors: tf.Tensor[]) => {
          const parameters = Object.fromEntries(names.map((name, i) => [name, tensors[i]!]));
          const visual = CONNECTORS[type].forward(parameters, config, features);
          expect(visual.shape).toEqual([2, config.tokens, 10]);
          return tf.mean(tf.square(tf.sub(visual, wanted))) as tf.Scalar;
        })(names.map((name) => state.weights[name]!));
        const gradients = Object.fromEntries(names.map((name, i) => [name, grads[i]!]));
        return {
          next: adamW(ADAM, groups, state, gradients, adamWScalars(ADAM, step, 1e-2)).state,
          loss: value,
        };
      });
      losses.push((await loss.data())[0]!);
      tf.dispose([state, loss]);
      state = next;
    }
    expect(losses.at(-1)).toBeLessThan(0.6 * losses[0]!);
    // Every weight has learned.
    const moves = initialise(CONNECTORS[type].specs(config), 1);
    for (const name of names) {
      expect((await tf.max(tf.abs(tf.sub(state.weights[name]!, moves[name]!))).data())[0], name).toBeGreaterThan(1e-4);
    }
  });

  it.each([64, 144])('starts on one scale with the other types at %i tokens', async (tokens) => {
    const config = configOf(type, tokens, 96, 128);
    const features = pictures(2, 96);
    const visual = CONNECTORS[type].forward(initialise(CONNECTORS[type].specs(config), 2), config, features);
    const scale = Math.sqrt((await tf.mean(tf.square(visual)).data())[0]!);
    expect(scale).toBeGreaterThan(0.5);
    expect(scale).toBeLessThan(1.2);
  });
});
