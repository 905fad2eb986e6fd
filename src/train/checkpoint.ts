import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { fetched } from '../model/fetched.js';
import type { Parameters } from '../model/parameters.js';
import { readSafetensors, writeFetched } from '../store/safetensors.js';

const FILE = 'model.safetensors';

/** Writes weights to `model.safetensors` in a folder, as 32-bit floats under their names. */
export async function saveWeights(folder: string, parameters: Parameters): Promise<void> {
  await writeFetched(join(folder, FILE), fetched(parameters), { format: 'pt' });
}

/** Reads the weights of a folder, those alone whose names start with a prefix if one is given; the caller disposes of them. */
export function loadWeights(folder: string, prefix = ''): Record<string, tf.Tensor> {
  const weights: Record<string, tf.Tensor> = {};
  for (const [name, { shape, values }] of readSafetensors(join(folder, FILE))) {
    if (name.startsWith(prefix)) weights[name] = tf.tensor(values as Float32Array, [...shape]);
  }
  return weights;
}
