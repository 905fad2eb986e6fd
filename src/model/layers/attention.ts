import * as tf from '@tensorflow/tfjs-core';
import { addedMask, isPacked, type Mask } from './mask.js';
import { hasWholeLayer, runWholeLayer } from './whole-layer.js';

/** Most attention scores that are held at once, unless one row of a batch alone has more: 64 MB. */
const MOST_SCORES = 1 << 24;

/** Fewest queries that the kernel of whole attention is used for: it lays keys and values out anew, which one is not worth. */
const WORTHWHILE = 8;

/** [batch, tokens, heads x head] -> [batch, heads, tokens, head] */
export function splitHeads(x: tf.Tensor, heads: number): tf.Tensor4D {
  const [batch, tokens, width] = x.shape as [number, number, number];
  return tf.transpose(tf.reshape(x, [batch, tokens, heads, width / heads]), [0, 2, 1, 3]) as tf.Tensor4D;
}

/** [batch, heads, tokens, head] -> [batch, tokens, heads x head] */
export function mergeHeads(x: tf.Tensor4D): tf.Tensor3D {
  const [batch, heads, tokens, head] = x.shape;
  return tf.reshape(tf.transpose(x, [0, 2, 1, 3]), [batch, tokens, heads * head]);
}

/** Keys and values that stand before those of every row of a batch. */
export type SharedKeys = {
  /** [1, heads, tokens, head] */
  readonly keys: tf.Tensor4D;
  /** [1, heads, tokens, head] */
  readonly values: tf.Tensor4D;
  /** Added to the scores of these keys, [1, 1, 1, tokens]; none where all of them are seen. */
  readonly mask?: tf.Tensor;
};

/**
 * softmax(q k' / sqrt(head) + mask) v (Vaswani et al., 2017, section 3.2.1). The scores are by far the largest tensors of
 * a model: where the engine has a kernel for it they are never in memory. Else they are computed for as many rows of the
 * batch at once as are few enough, and go at once where no gradient will need them.
 * @param q [batch, heads, queries, head]
 * @param k [batch, heads, keys, head]
 * @param v [batch, heads, keys, head]
 * @param mask who may see whom of q and k
 * @param shared keys and values that every row sees before its own; they are never copied for each row
 * @returns [batch, heads, queries, head]
 */
export function attend(q: tf.Tensor4D, k: tf.Tensor4D, v: tf.Tensor4D, mask?: Mask, shared?: SharedKeys): tf.Tensor4D {
  const plain = !shared && q.shape[3] === v.shape[3];
  if (plain && q.shape[2] >= WORTHWHILE && hasWholeLayer('Attention')) return attendAtOnce(q, k, v, mask);
  return tf.tidy(() => attendByRows(q, k, v, mask && addedMask(mask), shared));
}

/** By the engine's kernels, which have no gradient of the mask: scripts/engine/kernels/attention-kernels.cc. */
function attendAtOnce(q: tf.Tensor4D, k: tf.Tensor4D, v: tf.Tensor4D, mask?: Mask): tf.Tensor4D {
  return tf.tidy(() => {
    const packed = mask !== undefined && isPacked(mask);
    const name = packed ? 'PackedAttention' : 'Attention';
    const seen: Readonly<Record<string, tf.Tensor>> = packed ? mask : { mask: broadcastable(mask) };
    const op = tf.customGrad((queries, keys, values, save) => {
      const inputs = { q: queries as tf.Tensor, k: keys as tf.Tensor, v: values as tf.Tensor, ...seen };
      const [y, most, inverse] = runWholeLayer(name, inputs);
      (save as tf.GradSaveFunc)([...Object.values(inputs), y!, most!, inverse!]);
      const read = [...Object.keys(inputs), 'y', 'most', 'inverse'];
      return {
        value: y!,
        gradFunc: (dy: tf.Tensor, saved: readonly tf.Tensor[]) =>
          runWholeLayer(`${name}Grad`, { dy, ...Object.fromEntries(read.map((input, i) => [input, saved[i]!])) }),
      };
    });
    return op(q, k, v) as tf.Tensor4D;
  });
}

/** A mask with four axes; of one zero where there is none. */
function broadcastable(mask: tf.Tensor | undefined): tf.Tensor {
  const shape = mask?.shape ?? [];
  const four = [...new Array<number>(4 - shape.length).fill(1), ...shape];
  return mask ? tf.reshape(mask, four) : tf.zeros(four);
}

/** For as many rows of the batch at once as are few enough. */
function attendByRows(
  q: tf.Tensor4D,
  k: tf.Tensor4D,
  v: tf.Tensor4D,
  mask?: tf.Tensor,
  shared?: SharedKeys,
): tf.Tensor4D {
  const [batch, heads, queries] = q.shape;
  const keys = k.shape[2] + (shared?.keys.shape[2] ?? 0);
  const rows = Math.max(1, Math.floor(MOST_SCORES / (heads * queries * keys)));
  if (rows >= batch) return attendRows(q, k, v, mask, shared);
  const parts: tf.Tensor4D[] = [];
  for (let start = 0; start < batch; start += rows) {
    const count = Math.min(rows, batch - start);
    const cut = <T extends tf.Tensor>(x: T) => tf.slice(x, [start], [count]) as T;
    const own = mask && mask.rank === 4 && mask.shape[0]! > 1 ? cut(mask) : mask;
    parts.push(attendRows(cut(q), cut(k), cut(v), own, shared));
  }
  return tf.concat(parts);
}

function attendRows(
  q: tf.Tensor4D,
  k: tf.Tensor4D,
  v: tf.Tensor4D,
  mask?: tf.Tensor,
  shared?: SharedKeys,
): tf.Tensor4D {
  return tf.tidy(() => {
    const scaled = tf.mul(q, 1 / Math.sqrt(q.shape[3])) as tf.Tensor4D;
    const all = tf.matMul(scaled, k, false, true); // [batch, heads, queries, keys]
    const own = mask ? tf.add(all, mask) : all;
    if (!shared) return tf.matMul(tf.softmax(own) as tf.Tensor4D, v) as tf.Tensor4D;
    const first = byOne(scaled, shared.keys, true); // [batch, heads, queries, shared tokens]
    const weights = tf.softmax(tf.concat([shared.mask ? tf.add(first, shared.mask) : first, own], 3));
    const [before, after] = tf.split(weights, [shared.keys.shape[2], k.shape[2]], 3) as [tf.Tensor4D, tf.Tensor4D];
    return tf.add(byOne(before, shared.values, false), tf.matMul(after, v)) as tf.Tensor4D;
  });
}

/** Every row times one matrix a head: x [batch, heads, queries, n] by y [1, heads, n, m], or its transpose. */
function byOne(x: tf.Tensor4D, y: tf.Tensor4D, transpose: boolean): tf.Tensor4D {
  const [batch, heads, queries, n] = x.shape;
  const together = tf.reshape(tf.transpose(x, [1, 0, 2, 3]), [heads, batch * queries, n]); // [heads, batch x queries, n]
  const product = tf.matMul(together, tf.reshape(y, y.shape.slice(1)), false, transpose);
  return tf.transpose(tf.reshape(product, [heads, batch, queries, -1]), [1, 0, 2, 3]) as tf.Tensor4D;
}
