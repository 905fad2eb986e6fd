import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Piece } from '../../../src/data/packing.js';
import { openEngine } from '../../../src/engine/index.js';
import { layPrompts, promptLength } from '../../../src/evaluate/prompts/layout.js';
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

describe('prompts', () => {
  const prompts = [[text(3), { image: 1 }, text(4)], [text(2)]];

  it('lie to the right, pictures among the text', () => {
    expect(prompts.map((prompt) => promptLength(prompt, 2))).toEqual([4, 1]);
    const { embeddings, positions } = layPrompts(table(), prompts, visual());
    expect(embeddings.arraySync()[0]).toEqual([
      [3, 0],
      [10, 1],
      [11, 1],
      [4, 0],
    ]);
    expect(embeddings.arraySync()[1]![3]).toEqual([2, 0]);
    expect(positions.arraySync()).toEqual([
      [0, 1, 2, 3],
      [0, 0, 0, 0],
    ]);
  });

  it('see what came before in their own prompt, and no padding: all that is forbidden is so alike', () => {
    const { mask, keyMask } = layPrompts(table(), prompts, visual());
    const F = FORBIDDEN;
    expect(keyMask.arraySync()).toEqual([[[[0, 0, 0, 0]]], [[[F, F, F, 0]]]]);
    expect(mask.arraySync()).toEqual([
      [
        [
          [0, F, F, F],
          [0, 0, F, F],
          [0, 0, 0, F],
          [0, 0, 0, 0],
        ],
      ],
      [
        [
          [F, F, F, F],
          [F, F, F, F],
          [F, F, F, F],
          [F, F, F, 0],
        ],
      ],
    ]);
  });

  it('may be a picture alone', () => {
    const { embeddings } = layPrompts(table(), [[{ image: 0 }]], visual());
    expect(embeddings.arraySync()).toEqual([
      [
        [0, 1],
        [1, 1],
      ],
    ]);
  });

  it('go on behind what stands before all of them', () => {
    const { positions } = layPrompts(table(), [[text(3), text(4)], [text(2)]], null, 3);
    expect(positions.arraySync()).toEqual([
      [3, 4],
      [0, 3],
    ]);
  });
});
