import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import type { Piece } from '../../src/data/packing.js';
import { openEngine } from '../../src/engine/index.js';
import { type GreedyRequest, greedy } from '../../src/evaluate/decoding.js';
import { cases, readCase, readTensors } from '../model/golden.js';

beforeAll(async () => {
  await openEngine();
});

const NO_END = -1;
const text = (...tokens: number[]): Piece => ({ tokens, counted: false });

describe.each(cases('llama'))("greedy decoding equals transformers' generate: %s", (folder) => {
  const { config, greedy: expected } = readCase(folder);
  const asked = expected.prompts as { prompt: number[]; new_tokens: number[] }[];
  const weights = readTensors.bind(null, join(folder, 'model.safetensors'));
  const ask = (prompts: Piece[][], options: Partial<GreedyRequest> = {}) =>
    greedy(weights(), config, { prompts, visual: null, end: NO_END, limit: expected.max_new_tokens, ...options });

  it.each(asked)('prompt $prompt', async ({ prompt, new_tokens }) => {
    expect(await ask([[text(...prompt)]])).toEqual([new_tokens]);
  });

  it('prompts of different lengths in one batch', async () => {
    const longer = asked.map(({ prompt }, i) => [text(...prompt.slice(0, 1)), text(...prompt.slice(1, 1 + i))]);
    const prompts = [...asked.map(({ prompt }) => [text(...prompt)]), ...longer];
    const together = await ask(prompts);
    expect(together.slice(0, asked.length)).toEqual(asked.map(({ new_tokens }) => new_tokens));
    expect(together).toEqual((await Promise.all(prompts.map((prompt) => ask([prompt])))).flat());
  });

  it('stops at the end token and leaves it out', async () => {
    const { prompt, new_tokens } = asked[0]!;
    const end = new_tokens.at(-1)!;
    expect(await ask([[text(...prompt)]], { end, limit: 100 })).toEqual([new_tokens.slice(0, new_tokens.indexOf(end))]);
  });

  it('a row that stopped gets no more tokens, and the others go on', async () => {
    const prompts = asked.map(({ prompt }) => [text(...prompt)]);
    const [first, ...others] = await ask(prompts);
    const stops = (answer: readonly number[]) => answer.length === 3 && answer.every((id, i) => id === first![i]);
    const stopped = await ask(prompts, { stops });
    expect(stopped[0]).toEqual(first!.slice(0, 3));
    expect(stopped.slice(1)).toEqual(others);
  });

  it('ends when every row has, long before the limit', async () => {
    vi.stubEnv('MM1_COMPILE', '0'); // a compiled step is one kernel
    onTestFinished(() => void vi.unstubAllEnvs());
    const prompts = asked.map(({ prompt }) => [text(...prompt)]);
    const { kernels } = await tf.profile(async () => {
      await ask(prompts, { stops: ({ length }) => length === 3, limit: 50 });
      return tf.scalar(0);
    });
    expect(kernels.filter(({ name }) => name === 'ArgMax').length).toBe(3);
  });

  it('several pictures stand among the text, and rows of a batch are answered as if alone', async () => {
    const pictures = tf.randomNormal([4, 3, config.hidden_size], 0, 1, 'float32', 7) as tf.Tensor3D;
    const [first, second] = asked.map(({ prompt }) => text(...prompt)) as [Piece, Piece];
    const prompts: Piece[][] = [
      [{ image: 0 }, first, { image: 1 }, second],
      [first, { image: 2 }],
      [{ image: 3 }, second],
      [first],
    ];
    const together = await ask(prompts, { visual: pictures });
    expect(together).toEqual((await Promise.all(prompts.map((prompt) => ask([prompt], { visual: pictures })))).flat());
    const swapped = await ask(prompts, { visual: tf.reverse(pictures, 0) });
    expect(swapped[3]).toEqual(together[3]); // no picture
    expect(swapped.slice(0, 3)).not.toEqual(together.slice(0, 3)); // the pictures are looked at
  });

  it('leaves no tensor behind', async () => {
    const parameters = weights();
    const before = tf.memory().numTensors;
    const request = { prompts: [[text(1, 2, 3)], [text(4)]], visual: null, end: NO_END, limit: 5 };
    await greedy(parameters, config, request);
    expect(tf.memory().numTensors).toBe(before);
  });
});
