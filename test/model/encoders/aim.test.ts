import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { AIM_MODELS, SCALE_NAMES } from '../../../src/config/recipe.js';
import { defaultRecipe } from '../../../src/config/scales.js';
import { openEngine } from '../../../src/engine/index.js';
import { ENCODERS } from '../../../src/model/encoders/index.js';
import { countParameters, initialise } from '../../../src/model/parameters.js';
import { aimConfig } from '../../../src/model/sizes.js';
import { noise } from '../small-aim.js';

beforeAll(async () => {
  await openEngine();
});

describe.each(SCALE_NAMES)('AIM as an encoder at %s', (scale) => {
  it.each(AIM_MODELS)('%s: weights, width, and features of the whole grid', async (model) => {
    const recipe = {
      scale,
      encoder: { ...defaultRecipe(scale).encoder, type: 'aim' as const, model, resolution: 28, patch: 14 },
    };
    const { embed_dim: width, num_heads: heads } = aimConfig(recipe);
    const specs = ENCODERS.aim.specs(recipe);
    expect(ENCODERS.aim.width(recipe)).toBe(width);
    expect([width % (4 * heads), width % 4]).toEqual([0, 0]);
    expect(Object.keys(specs).filter((name) => /^head|post_trunk_norm/.test(name))).toEqual([]);
    if (countParameters(specs) > 1e7) return;
    const parameters = initialise(specs, 0);
    const names = Object.keys(parameters);
    const patches = noise([2, 4, 588], 5);
    // Every weight has a gradient, so that the encoder can be trained with the language model.
    const { value, grads } = tf.valueAndGrads((...tensors: tf.Tensor[]) => {
      const weights = Object.fromEntries(names.map((name, i) => [name, tensors[i]!]));
      return tf.sum(tf.square(ENCODERS.aim.features(weights, recipe, patches))) as tf.Scalar;
    })(names.map((name) => parameters[name]!));
    expect(Number.isFinite((await value.data())[0])).toBe(true);
    expect(grads.map(({ shape }) => shape)).toEqual(names.map((name) => parameters[name]!.shape));
    expect(ENCODERS.aim.features(parameters, recipe, patches).shape).toEqual([2, 4, width]);
  });
});
