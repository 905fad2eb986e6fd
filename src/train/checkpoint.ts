import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import type { Parameters } from '../model/parameters.js';
import { readSafetensors, type StoredTensor, writeSafetensors } from '../store/safetensors.js';

const FILE = 'model.safetensors';

/** Writes weights to `model.safetensors` in a folder, as 32-bit floats under their names. */
export function saveWeights(folder: string, parameters: Parameters): void {
  const tensors = new Map<string, StoredTensor>();
  for (const [name, tensor] of Object.entries(parameters)) {
    tensors.set(name, { shape: tensor.shape, values: tensor.dataSync() as Float32Array });
  }
  writeSafetensors(join(folder, FILE), tensors, { format: 'pt' });
}

/** Reads the weights of a folder, those alone whose names start with a prefix if one is given; the caller disposes of them. */
export function loadWeights(folder: string, prefix = ''): Record<string, tf.Tensor> {
  const weights: Record<string, tf.Tensor> = {};
  for (const [name, { shape, values }] of readSafetensors(join(folder, FILE))) {
    if (name.startsWith(prefix)) weights[name] = tf.tensor(values as Float32Array, [...shape]);
  }
  return weights;
}
