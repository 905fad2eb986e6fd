import * as tf from '@tensorflow/tfjs-core';

/** Cosines and sines of a batch of positions, each [batch, 1, tokens, head / 2]. */
export interface Rotation {
  readonly cosine: tf.Tensor;
  readonly sine: tf.Tensor;
}

/**
 * Angles of rotary position embedding (Su et al., 2021).
 * @param positions [batch, tokens]
 * @param head width of one head
 */
export function rotation(positions: tf.Tensor, head: number, theta: number): Rotation {
  const [batch, tokens] = positions.shape as [number, number];
  const frequencies = Float32Array.from({ length: head / 2 }, (_, i) => theta ** ((-2 * i) / head));
  const angles = tf.mul(
    tf.reshape(tf.cast(positions, 'float32'), [batch, 1, tokens, 1]),
    tf.tensor(frequencies, [1, 1, 1, head / 2]),
  ); // [batch, 1, tokens, head / 2]
  return { cosine: tf.cos(angles), sine: tf.sin(angles) };
}

/** Turns each pair (i, i + head / 2) by its position's angle: Hugging Face's half-split layout. */
export function rotate(x: tf.Tensor4D, { cosine, sine }: Rotation): tf.Tensor4D {
  const half = x.shape[3] / 2;
  const [a, b] = tf.split(x, [half, half], 3) as [tf.Tensor4D, tf.Tensor4D];
  return tf.concat([tf.sub(tf.mul(a, cosine), tf.mul(b, sine)), tf.add(tf.mul(b, cosine), tf.mul(a, sine))], 3);
}
