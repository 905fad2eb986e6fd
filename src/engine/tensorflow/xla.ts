import * as tf from '@tensorflow/tfjs-core';
import { execute, record } from './program.js';

let works: boolean | null = null;

/** Whether this TensorFlow has XLA: found out once, by a sum that it compiles. Where it has none, that is said once. */
export function xlaWorks(): boolean {
  if (works !== null) return works;
  const one = tf.scalar(1);
  try {
    const sum = record('probe', [one], [], ([x]) => ({ outputs: [tf.add(x!, x!)], next: [] }));
    tf.dispose(execute(sum, [one], [null], ['one'], [], true));
    works = true;
  } catch (error) {
    works = false;
    process.emitWarning(
      `this TensorFlow has no XLA, so steps run as graphs, somewhat slower: ${error instanceof Error ? error.message : error}`,
      { type: 'EngineWarning' },
    );
  } finally {
    one.dispose();
  }
  return works;
}
