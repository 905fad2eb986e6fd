import * as tf from '@tensorflow/tfjs-core';
import type { Packed } from '../data/packing.js';
import type { LanguageBatch } from '../model/multimodal.js';

/** Packed sequences as tensors of the engine. */
export function languageBatch(packed: Packed<unknown>): LanguageBatch {
  const shape: [number, number] = [packed.sequences, packed.length];
  return {
    ids: tf.tensor1d(packed.ids, 'int32'),
    from: tf.tensor1d(packed.from, 'int32'),
    to: tf.tensor1d(packed.to, 'int32'),
    groups: tf.tensor2d(packed.groups, shape, 'int32'),
    segments: tf.tensor2d(packed.segments, shape, 'int32'),
    positions: tf.tensor2d(packed.positions, shape, 'int32'),
    reads: tf.tensor1d(packed.reads, 'int32'),
    readAt: tf.tensor1d(packed.readAt, 'int32'),
    targets: tf.tensor1d(packed.targets, 'int32'),
    counted: tf.tensor1d(packed.counted, 'float32'),
  };
}
