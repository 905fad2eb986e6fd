import * as tf from '@tensorflow/tfjs-core';
import type { Piece } from '../../data/packing.js';
import { embedTokens } from '../../model/decoder.js';
import { causalMask, FORBIDDEN } from '../../model/layers/index.js';
import type { Parameters } from '../../model/parameters.js';

/** Prompts of one batch, laid to the right: they end at the same place, and the shorter ones start with padding. */
export type Prompts = {
  /** [rows, length, width] */
  readonly embeddings: tf.Tensor3D;
  /** Counted from each prompt's own start, behind what stands before all of them, [rows, length] */
  readonly positions: tf.Tensor2D;
  /** Causal, padding hidden: added to attention scores, [rows, 1, length, length] */
  readonly mask: tf.Tensor;
  /** Added to the scores of the prompt's keys by what comes later, [rows, 1, 1, length] */
  readonly keyMask: tf.Tensor;
};

/** Tokens of a prompt, pictures included. */
export function promptLength(pieces: readonly Piece[], slots: number): number {
  return pieces.reduce((total, piece) => total + ('image' in piece ? slots : piece.tokens.length), 0);
}

/**
 * Lays prompts out and embeds them.
 * @param parameters the language model's weights
 * @param prompts text and pictures of each row, a picture by its place in `visual`
 * @param visual visual tokens of the pictures, [pictures, tokens, width]; none where no prompt has one
 * @param before tokens that every prompt follows on
 */
export function layPrompts(
  parameters: Parameters,
  prompts: readonly (readonly Piece[])[],
  visual: tf.Tensor3D | null,
  before = 0,
): Prompts {
  const slots = visual?.shape[1] ?? 0;
  const lengths = prompts.map((pieces) => promptLength(pieces, slots));
  const length = Math.max(...lengths);
  const total = prompts.length * length;
  const ids: number[] = [];
  const places = new Int32Array(total); // a text token's number, or texts + a visual token's; any, where it is padding
  const visualAt: { at: number; token: number }[] = [];
  const positions = new Float32Array(total);
  const hidden = new Float32Array(total);
  prompts.forEach((pieces, row) => {
    const start = (row + 1) * length - lengths[row]!;
    hidden.fill(FORBIDDEN, row * length, start);
    let at = start;
    for (const piece of pieces) {
      if ('image' in piece) {
        for (let slot = 0; slot < slots; slot++) visualAt.push({ at: at++, token: piece.image * slots + slot });
      } else {
        for (const id of piece.tokens) {
          places[at++] = ids.length;
          ids.push(id);
        }
      }
    }
    for (let i = start; i < at; i++) positions[i] = before + i - start;
  });
  const texts = Math.max(1, ids.length);
  for (const { at, token } of visualAt) places[at] = texts + token;

  const words = embedTokens(parameters, tf.tensor2d(ids.length > 0 ? ids : [0], [1, texts], 'int32'));
  const width = words.shape[2];
  const text = tf.reshape(words, [texts, width]) as tf.Tensor2D;
  const table = visual ? tf.concat([text, tf.reshape(visual, [-1, width]) as tf.Tensor2D]) : text;
  const rows = tf.gather(table, tf.tensor1d(places, 'int32')); // [rows x length, width]
  const keyMask = tf.tensor(hidden, [prompts.length, 1, 1, length]);
  return {
    embeddings: tf.reshape(rows, [prompts.length, length, width]),
    positions: tf.tensor2d(positions, [prompts.length, length]),
    mask: tf.minimum(causalMask(length), keyMask), // [rows, 1, length, length]
    keyMask,
  };
}
