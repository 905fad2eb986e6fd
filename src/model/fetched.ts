import type * as tf from '@tensorflow/tfjs-core';
import type { FetchedTensor } from '../store/safetensors.js';

/** Weights as a file is written from them: each leaves the device when its turn comes, for a GPU gives nothing at once. */
export function fetched(weights: Readonly<Record<string, tf.Tensor>>, prefix = ''): Map<string, FetchedTensor> {
  return new Map(
    Object.entries(weights).map(([name, tensor]) => [
      prefix + name,
      { shape: tensor.shape, fetch: async () => (await tensor.data()) as Float32Array },
    ]),
  );
}
