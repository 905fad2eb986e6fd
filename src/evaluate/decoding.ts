import * as tf from '@tensorflow/tfjs-core';
import { type DecoderConfig, decoder, embedTokens, type LayerCache, vocabularyLogits } from '../model/decoder.js';
import { causalMask } from '../model/layers/index.js';
import type { Parameters } from '../model/parameters.js';

/** What a whole batch is asked. */
export interface GreedyRequest {
  /** The same prompt for every row. */
  readonly prompt: readonly number[];
  /** Visual tokens before the prompt, [rows, tokens, width]; none for a prompt alone, which is one row. */
  readonly pictures: tf.Tensor3D | null;
  /** Token that ends an answer. */
  readonly end: number;
  /** Most tokens an answer may have. */
  readonly limit: number;
}

/**
 * Greedy decoding of a batch with a key-value cache: the likeliest token each time, until the end of text or the limit.
 * @param parameters the language model's weights
 * @returns each row's tokens, without the end
 */
export function greedy(parameters: Parameters, config: DecoderConfig, request: GreedyRequest): number[][] {
  const rows = request.pictures?.shape[0] ?? 1;
  const answers: number[][] = Array.from({ length: rows }, () => []);
  const ended = new Array<boolean>(rows).fill(false);

  let { next, cache } = prefill(parameters, config, request, rows);
  let position = (request.pictures?.shape[1] ?? 0) + request.prompt.length;
  for (let step = 0; step < request.limit; step++, position++) {
    next.forEach((token, row) => {
      if (token === request.end) ended[row] = true;
      if (!ended[row]) answers[row]!.push(token);
    });
    if (step + 1 === request.limit || ended.every(Boolean)) break;
    const after = advance(parameters, config, next, position, cache);
    tf.dispose(cache);
    ({ next, cache } = after);
  }
  tf.dispose(cache);
  return answers;
}

interface Step {
  readonly next: Int32Array;
  readonly cache: LayerCache[];
}

type Choice = {
  readonly best: tf.Tensor;
  readonly cache: LayerCache[];
};

function prefill(parameters: Parameters, config: DecoderConfig, request: GreedyRequest, rows: number): Step {
  const { best, cache } = tf.tidy(() => {
    const ids = tf.tile(tf.tensor2d([...request.prompt], [1, request.prompt.length], 'int32'), [rows, 1]);
    const words = embedTokens(parameters, ids as tf.Tensor2D); // [rows, prompt, width]
    const embeddings = request.pictures ? tf.concat([request.pictures, words], 1) : words;
    const tokens = embeddings.shape[1];
    const positions = tf.tile(tf.reshape(tf.range(0, tokens), [1, tokens]), [rows, 1]) as tf.Tensor2D;
    return choose(parameters, config, embeddings, positions, causalMask(tokens));
  });
  return read(best, cache);
}

function advance(
  parameters: Parameters,
  config: DecoderConfig,
  next: Int32Array,
  at: number,
  past: LayerCache[],
): Step {
  const { best, cache } = tf.tidy(() => {
    const embeddings = embedTokens(parameters, tf.tensor2d(next, [next.length, 1], 'int32'));
    return choose(parameters, config, embeddings, tf.fill([next.length, 1], at), tf.zeros([1, 1, 1, 1]), past);
  });
  return read(best, cache);
}

function choose(
  parameters: Parameters,
  config: DecoderConfig,
  embeddings: tf.Tensor3D,
  positions: tf.Tensor2D,
  mask: tf.Tensor,
  past?: LayerCache[],
): Choice {
  const output = decoder(parameters, config, { embeddings, positions, mask, ...(past && { cache: past }) });
  const [rows, tokens, width] = output.last.shape;
  const last = tf.reshape(tf.slice(output.last, [0, tokens - 1, 0], [rows, 1, width]), [rows, width]);
  return { best: tf.argMax(vocabularyLogits(parameters, config, last), -1), cache: output.cache };
}

function read(best: tf.Tensor, cache: LayerCache[]): Step {
  const next = Int32Array.from(best.dataSync());
  best.dispose();
  return { next, cache };
}
