import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Piece } from '../../../src/data/packing.js';
import { openEngine } from '../../../src/engine/index.js';
import { embedPrompts, layPrompts, paddedRows, promptLength } from '../../../src/evaluate/prompts/layout.js';
import { FORBIDDEN } from '../../../src/model/layers/index.js';

beforeAll(async () => {
  await openEngine();
});

/** Token i is [i, 0]; token j of picture p is [10 p + j, 1]. */
const table = () => ({ 'model.embed_tokens.weight': tf.tensor2d([0, 1, 2, 3, 4].map((i) => [i, 0])) });
const visual = () =>
  tf.tensor3d([
    [
      [0, 1],
      [1, 1],
    ],
    [
      [10, 1],
      [11, 1],
    ],
  ]);
const text = (...tokens: number[]): Piece => ({ tokens, counted: false });

/** The last places of a tensor's rows: what stands before them is padding. */
const ends = (x: tf.Tensor, rows: number, places: number, axis = 1) => {
  const begin = x.shape.map((size, i) => (i === axis ? size - places : 0));
  return tf.slice(x, begin, [rows, ...x.shape.slice(1).map((size, i) => (i + 1 === axis ? places : size))]).arraySync();
};

describe('prompts', () => {
  const prompts = [[text(3), { image: 1 }, text(4)], [text(2)]];

  it('lie to the right, pictures among the text', () => {
    expect(prompts.map((prompt) => promptLength(prompt, 2))).toEqual([4, 1]);
    const laid = layPrompts(prompts, 2);
    const [first, second] = ends(embedPrompts(table(), laid, visual()).embeddings, 2, 4) as number[][][];
    expect(first).toEqual([
      [3, 0],
      [10, 1],
      [11, 1],
      [4, 0],
    ]);
    expect(second![3]).toEqual([2, 0]);
    expect(ends(laid.positions, 2, 4)).toEqual([
      [0, 1, 2, 3],
      [0, 0, 0, 0],
    ]);
  });

  it('see what came before in their own prompt, and no padding: all that is forbidden is so alike', () => {
    const laid = layPrompts(prompts, 2);
    const { mask } = embedPrompts(table(), laid, visual());
    const F = FORBIDDEN;
    expect(ends(laid.keyMask, 2, 4, 3)).toEqual([[[[0, 0, 0, 0]]], [[[F, F, F, 0]]]]);
    const length = mask.shape[3]!;
    const rows = tf.slice(mask, [0, 0, length - 4, 0], [2, 1, 4, length]).arraySync() as number[][][][];
    const forbidden = Array<number>(length - 4).fill(F);
    expect(rows[0]![0]).toEqual([
      [...forbidden, 0, F, F, F],
      [...forbidden, 0, 0, F, F],
      [...forbidden, 0, 0, 0, F],
      [...forbidden, 0, 0, 0, 0],
    ]);
    expect(rows[1]![0]).toEqual([F, F, F, 0].map((last) => [...forbidden, F, F, F, last]));
  });

  it('may be a picture alone', () => {
    const { embeddings } = embedPrompts(table(), layPrompts([[{ image: 0 }]], 2), visual());
    expect(ends(embeddings, 1, 2)).toEqual([
      [
        [0, 1],
        [1, 1],
      ],
    ]);
  });

  it('go on behind what stands before all of them', () => {
    const { positions } = layPrompts([[text(3), text(4)], [text(2)]], 0, 3);
    expect(ends(positions, 2, 2)).toEqual([
      [3, 4],
      [0, 3],
    ]);
  });

  it('come in few sizes: rows and lengths are padded', () => {
    expect([1, 2, 5, 17, 64, 65].map(paddedRows)).toEqual([1, 4, 16, 64, 64, 65]);
    const shapes = [1, 15, 16, 17].map(
      (tokens) => layPrompts([[text(...Array<number>(tokens).fill(1))]], 0).positions.shape,
    );
    expect(shapes).toEqual([
      [1, 16],
      [1, 16],
      [1, 16],
      [1, 32],
    ]);
  });
});
