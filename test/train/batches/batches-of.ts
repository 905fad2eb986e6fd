import * as tf from '@tensorflow/tfjs-core';
import type { Arrays, Batch } from '../../../src/train/batches/arrays.js';
import type { BatchSource } from '../../../src/train/batches/batch-source.js';
import { type Batches, batchesHere } from '../../../src/train/batches/batches.js';

/** Tensors as a source of batches gives them; disposes of the tensors. */
export function arraysOf<B extends Batch>(batch: B): Arrays<B> {
  const arrays = Object.entries(batch).map(([name, tensor]) => {
    const values = tensor.dataSync().slice() as Float32Array | Int32Array;
    return [name, { values, shape: tensor.shape }];
  });
  tf.dispose(batch);
  return Object.fromEntries(arrays) as Arrays<B>;
}

/** Batches of a training, from a function that makes the tensors of each part of a step. */
export function batchesOf<B extends Batch>(
  draw: (step: number, part: number) => B | Promise<B>,
  source: Partial<BatchSource<B>> = {},
): Batches<B> {
  return batchesHere({
    facts: {},
    make: async (step, part) => ({ arrays: arraysOf(await draw(step, part)), data: null }),
    restore() {},
    close: async () => {},
    ...source,
  });
}
