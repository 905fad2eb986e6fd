import * as tf from '@tensorflow/tfjs-core';
import { SHARED_SEGMENT } from '../../data/packing.js';
import { hasWholeLayer } from './whole-layer.js';

/** Score that a forbidden key gets: far below any score, and finite so that a row of them stays a number. */
export const FORBIDDEN = -1e9;

/** Sequences into which examples are packed (src/data/packing.ts): who sees whom is told by them. */
export type PackedSequences = {
  /** Which group of examples a token belongs to, or padding. [sequences, length] int32 */
  readonly groups: tf.Tensor2D;
  /** Which example of its group, from 1; or shared, or padding. [sequences, length] int32 */
  readonly segments: tf.Tensor2D;
};

/** Who may see whom: numbers that are added to scores, and broadcast to [batch, heads, queries, keys]; or packed sequences. */
export type Mask = tf.Tensor | PackedSequences;

/** The mask of packed sequences: themselves, where the engine has a kernel that reads them, else its numbers, made once for all layers. */
export function maskOf({ groups, segments }: PackedSequences): Mask {
  return hasWholeLayer('PackedAttention') ? { groups, segments } : packedMask({ groups, segments });
}

/** Whether packed sequences stand for a mask. */
export const isPacked = (mask: Mask): mask is PackedSequences => 'groups' in mask;

/** A mask as numbers. */
export const addedMask = (mask: Mask): tf.Tensor => (isPacked(mask) ? packedMask(mask) : mask);

/**
 * Who may see whom in a packed sequence: what came before, in the same example or shared by its group. Attention does not
 * cross an example's boundary (MM1, appendix on training).
 * @returns additive mask [sequences, 1, length, length]
 */
export function packedMask({ groups, segments }: PackedSequences): tf.Tensor4D {
  const [sequences, length] = segments.shape;
  const query = (of: tf.Tensor2D) => tf.reshape(of, [sequences, 1, length, 1]);
  const key = (of: tf.Tensor2D) => tf.reshape(of, [sequences, 1, 1, length]);
  const order = tf.range(0, length, 1, 'int32');
  const before = tf.greaterEqual(tf.reshape(order, [1, 1, length, 1]), tf.reshape(order, [1, 1, 1, length]));
  const together = tf.equal(query(groups), key(groups));
  const related = tf.logicalOr(tf.equal(query(segments), key(segments)), tf.equal(key(segments), SHARED_SEGMENT));
  const allowed = tf.logicalAnd(tf.logicalAnd(together, related), before); // [sequences, 1, length, length]
  return tf.mul(tf.sub(1, tf.cast(allowed, 'float32')), FORBIDDEN);
}

/** Mask [1, 1, tokens, tokens] under which a token sees itself and what came before it. */
export function causalMask(tokens: number): tf.Tensor {
  const values = new Float32Array(tokens * tokens);
  for (let q = 0; q < tokens; q++) values.fill(FORBIDDEN, q * tokens + q + 1, (q + 1) * tokens);
  return tf.tensor(values, [1, 1, tokens, tokens]);
}
