import * as tf from '@tensorflow/tfjs-core';

/** Whether the open engine computes a layer by a kernel of its own, in place of several ops: src/engine/tensorflow/layers.ts. */
export function hasWholeLayer(name: string): boolean {
  return tf.getKernel(name, tf.getBackend()) !== undefined;
}

/** Runs such a kernel, which has no gradient of its own. */
export function runWholeLayer(
  name: string,
  inputs: Readonly<Record<string, tf.Tensor>>,
  attributes: Readonly<Record<string, number>> = {},
): tf.Tensor[] {
  return tf.engine().runKernel(name, inputs as unknown as tf.NamedTensorMap, attributes) as unknown as tf.Tensor[];
}
