import * as tf from '@tensorflow/tfjs-core';
import type { Arrays, Batch } from '../../../src/train/batches/arrays.js';
import type { BatchSource } from '../../../src/train/batches/batch-source.js';
import { type Batches, batchesHere } from '../../../src/train/batches/batches.js';

/** Tensors as a source of batches gives them; disposes of the tensors. */
export async function arraysOf<B extends Batch>(batch: B): Promise<Arrays<B>> {
  const arrays = Object.entries(batch).map(async ([name, tensor]) => {
    const values = (await tensor.data()).slice() as Float32Array | Int32Array;
    return [name, { values, shape: tensor.shape }] as const;
  });
  const read = Object.fromEntries(await Promise.all(arrays));
  tf.dispose(batch);
  return read as Arrays<B>;
}

/** Batches of a training, from a function that makes the tensors of each part of a step. */
export function batchesOf<B extends Batch>(
  draw: (step: number, part: number) => B | Promise<B>,
  source: Partial<BatchSource<B>> = {},
): Batches<B> {
  return batchesHere({
    facts: {},
    make: async (step, part) => ({ arrays: await arraysOf(await draw(step, part)), data: null }),
    restore() {},
    close: async () => {},
    ...source,
  });
}
