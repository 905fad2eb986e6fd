import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { openEngine } from '../../src/engine/index.js';
import { greedy } from '../../src/evaluate/decoding.js';
import { cases, readCase, readTensors } from '../model/golden.js';

beforeAll(async () => {
  await openEngine();
});

const NO_END = -1;

describe.each(cases('llama'))("greedy decoding equals transformers' generate: %s", (folder) => {
  const { config, greedy: expected } = readCase(folder);
  const weights = () => readTensors(join(folder, 'model.safetensors'));

  it.each(expected.prompts as { prompt: number[]; new_tokens: number[] }[])(
    'prompt $prompt',
    ({ prompt, new_tokens }) => {
      const request = { prompt, pictures: null, end: NO_END, limit: expected.max_new_tokens };
      expect(greedy(weights(), config, request)).toEqual([new_tokens]);
    },
  );

  it('stops at the end token and leaves it out', () => {
    const { prompt, new_tokens } = expected.prompts[0];
    const end = new_tokens.at(-1)!;
    const request = { prompt, pictures: null, end, limit: 100 };
    expect(greedy(weights(), config, request)).toEqual([new_tokens.slice(0, new_tokens.indexOf(end))]);
  });

  it('rows of a batch are answered as if alone', () => {
    const parameters = weights();
    const pictures = tf.randomNormal([3, 4, config.hidden_size], 0, 1, 'float32', 7) as tf.Tensor3D;
    const ask = (rows: tf.Tensor3D) =>
      greedy(parameters, config, { prompt: [5, 9], pictures: rows, end: NO_END, limit: 8 });
    const together = ask(pictures);
    const alone = tf.split(pictures, 3).flatMap((row) => ask(row as tf.Tensor3D));
    expect(together).toEqual(alone);
    expect(new Set(together.map(String)).size).toBeGreaterThan(1); // the pictures are looked at
  });

  it('leaves no tensor behind', () => {
    const parameters = weights();
    const before = tf.memory().numTensors;
    greedy(parameters, config, { prompt: [1, 2, 3], pictures: null, end: NO_END, limit: 5 });
    expect(tf.memory().numTensors).toBe(before);
  });
});
