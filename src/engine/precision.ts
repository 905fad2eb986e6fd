import * as tf from '@tensorflow/tfjs-core';
import type { Precision } from '../config/recipe.js';
import { Mm1Error } from '../errors.js';
import { type NodeBackend, nodeBackend } from './tensorflow/backend.js';
import { bfloat16Products } from './tensorflow/bfloat16.js';

/**
 * Computes in a precision: in `bf16` every matrix product, those of gradients too, reads bfloat16 and adds up in float32;
 * all else, weights and moments first, stays float32 (Micikevicius et al., 2018; as torch's autocast does it). tfjs has no
 * such type, so the products are exchanged below it, where they are run or recorded.
 * @param compute must not wait for anything
 * @throws Mm1Error E_PRECISION for `bf16` on an engine that has none
 */
export function inPrecision<Result>(precision: Precision, compute: () => Result): Result {
  if (precision === 'fp32') return compute();
  checkPrecision(precision, tf.getBackend());
  const backend: NodeBackend = nodeBackend();
  const { binding } = backend;
  backend.binding = bfloat16Products(binding);
  try {
    return compute();
  } finally {
    backend.binding = binding;
  }
}

/**
 * Sees that an engine computes in a precision.
 * @throws Mm1Error E_PRECISION where it does not
 */
export function checkPrecision(precision: Precision, engine: string): void {
  if (precision === 'fp32' || engine === 'tensorflow') return;
  throw new Mm1Error(`precision ${precision} needs the engine tensorflow, and ${engine} computes here`, {
    code: 'E_PRECISION',
    remedy: 'Leave `precision` out, or install TensorFlow: `mm1 engine` says what is missing.',
  });
}
