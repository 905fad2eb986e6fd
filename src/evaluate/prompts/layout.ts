import * as tf from '@tensorflow/tfjs-core';
import type { Piece } from '../../data/packing.js';
import { embedTokens } from '../../model/decoder.js';
import { causalMask, FORBIDDEN } from '../../model/layers/index.js';
import type { Parameters } from '../../model/parameters.js';

/** Where everything of a batch of prompts stands; they end at the same place, and the shorter ones start with padding. */
export type LaidPrompts = {
  /** Text tokens, then padding, [texts] int32 */
  readonly ids: tf.Tensor1D;
  /** Number of the text token at each place, or `texts` and a visual token's number; any, where it is padding. [rows x length] int32 */
  readonly places: tf.Tensor1D;
  /** Counted from each prompt's own start, behind what stands before all of them, [rows, length] */
  readonly positions: tf.Tensor2D;
  /** FORBIDDEN where there is padding, 0 elsewhere: added to the scores of the prompt's keys, [rows, 1, 1, length] */
  readonly keyMask: tf.Tensor;
};

/** What the decoder reads of prompts. */
export type Prompts = {
  /** [rows, length, width] */
  readonly embeddings: tf.Tensor3D;
  /** Causal, padding hidden: added to attention scores, [rows, 1, length, length] */
  readonly mask: tf.Tensor;
};

/** Rows and lengths come in few sizes, so that few programs are compiled. */
const ROWS = [1, 4, 16, 64];
const LENGTHS = 16;
const TEXTS = 256;

/** The least multiple that holds so many. */
const roundUp = (count: number, step: number) => Math.max(1, Math.ceil(count / step)) * step;

/** Rows that so many are computed as: the rest is padding. */
export function paddedRows(rows: number): number {
  return ROWS.find((size) => size >= rows) ?? rows;
}

/** Tokens of a prompt, pictures included. */
export function promptLength(pieces: readonly Piece[], slots: number): number {
  return pieces.reduce((total, piece) => total + ('image' in piece ? slots : piece.tokens.length), 0);
}

/**
 * Lays prompts out.
 * @param prompts text and pictures of each row, a picture by its place among the pictures
 * @param slots visual tokens of a picture
 * @param before tokens that every prompt follows on
 * @returns `paddedRows` rows; the caller disposes of them
 */
export function layPrompts(prompts: readonly (readonly Piece[])[], slots: number, before = 0): LaidPrompts {
  const rows = paddedRows(prompts.length);
  const lengths = prompts.map((pieces) => promptLength(pieces, slots));
  const length = roundUp(Math.max(...lengths), LENGTHS);
  const total = rows * length;
  const ids: number[] = [];
  const places = new Int32Array(total);
  const visualAt: { at: number; token: number }[] = [];
  const positions = new Float32Array(total);
  const hidden = new Float32Array(total).fill(FORBIDDEN);
  prompts.forEach((pieces, row) => {
    const start = (row + 1) * length - lengths[row]!;
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
    hidden.fill(0, start, at);
    for (let i = start; i < at; i++) positions[i] = before + i - start;
  });
  const texts = new Int32Array(roundUp(ids.length, TEXTS));
  texts.set(ids);
  for (const { at, token } of visualAt) places[at] = texts.length + token;
  return {
    ids: tf.tensor1d(texts, 'int32'),
    places: tf.tensor1d(places, 'int32'),
    positions: tf.tensor2d(positions, [rows, length]),
    keyMask: tf.tensor(hidden, [rows, 1, 1, length]),
  };
}

/**
 * Embeds prompts that were laid out.
 * @param parameters the language model's weights
 * @param visual visual tokens of their pictures, [pictures, tokens, width]; none where no prompt has one
 */
export function embedPrompts(
  parameters: Parameters,
  { ids, places, keyMask }: LaidPrompts,
  visual: tf.Tensor3D | null,
): Prompts {
  const [rows, , , length] = keyMask.shape as [number, number, number, number];
  const words = embedTokens(parameters, tf.reshape(ids, [1, -1]));
  const width = words.shape[2];
  const text = tf.reshape(words, [-1, width]) as tf.Tensor2D; // [texts, width]
  const table = visual ? tf.concat([text, tf.reshape(visual, [-1, width]) as tf.Tensor2D]) : text;
  return {
    embeddings: tf.reshape(tf.gather(table, places), [rows, length, width]),
    mask: tf.minimum(causalMask(length), keyMask), // [rows, 1, length, length]
  };
}
