import * as tf from '@tensorflow/tfjs-core';
import { type AimConfig, aimSpecs } from '../../src/model/aim.js';
import { aimHeadSpecs } from '../../src/model/aim-objective.js';
import { initialise } from '../../src/model/parameters.js';
import { random } from '../../src/random.js';

/** An autoregressive image model that a test can look into. */
export const small: AimConfig = {
  patch_size: 2,
  embed_dim: 8,
  num_blocks: 2,
  num_heads: 2,
  mlp_ratio: 4,
  layer_norm_eps: 1e-6,
};
export const head = { hidden: 6, depth: 3 };

/** Weights of a small model, none at 0 or 1. */
export function smallWeights(): Record<string, tf.Tensor> {
  const specs = { ...aimSpecs(small), ...aimHeadSpecs(small, head) };
  return initialise(
    Object.fromEntries(Object.entries(specs).map(([name, { shape }]) => [name, { shape, initial: { normal: 0.5 } }])),
    7,
  );
}

/** Normal numbers. */
export function noise(shape: [number, number, number], seed: number): tf.Tensor3D {
  const size = shape[0] * shape[1] * shape[2];
  const stream = random(seed, 'noise');
  return tf.tensor3d(
    Float32Array.from({ length: size }, () => stream.normal()),
    shape,
  );
}
