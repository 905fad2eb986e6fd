import * as tf from '@tensorflow/tfjs-core';
import type { Piece } from '../data/packing.js';
import { type DecoderConfig, decoder, embedTokens, type LayerCache, vocabularyLogits } from '../model/decoder.js';
import type { Parameters } from '../model/parameters.js';
import type { Past } from './past.js';
import { layPrompts, promptLength } from './prompts/layout.js';

/** What a whole batch is asked. */
export interface GreedyRequest {
  /** Text and pictures of each row, a picture by its place in `visual`. Rows may differ in length. */
  readonly prompts: readonly (readonly Piece[])[];
  /** Visual tokens of the pictures, [pictures, tokens, width]; none where no prompt has a picture. */
  readonly visual: tf.Tensor3D | null;
  /** Token that ends an answer. */
  readonly end: number;
  /** Whether an answer, its newest token included, is at its end: where it holds a stop string. */
  readonly stops?: (answer: readonly number[]) => boolean;
  /** Most tokens an answer may have. */
  readonly limit: number;
  /** What every prompt follows on; nothing if left out. */
  readonly past?: Past;
}

/**
 * Greedy decoding of a whole batch with a key-value cache: the likeliest token each time, until the end of text, a stop,
 * or the limit.
 * @param parameters the language model's weights
 * @returns each row's tokens, without the end of text, with what a stop string stands in
 */
export function greedy(parameters: Parameters, config: DecoderConfig, request: GreedyRequest): number[][] {
  const { prompts, visual, end, stops = () => false, limit } = request;
  const answers: number[][] = prompts.map(() => []);
  const ended = new Array<boolean>(prompts.length).fill(false);
  const before = request.past?.length ?? 0;
  const positions = prompts.map((pieces) => before + promptLength(pieces, visual?.shape[1] ?? 0));

  let step = prefill(parameters, config, request);
  for (let count = 1; ; count++) {
    const tokens = Int32Array.from(step.best.dataSync());
    tokens.forEach((token, row) => {
      if (token === end) ended[row] = true;
      if (ended[row]) return;
      answers[row]!.push(token);
      ended[row] = stops(answers[row]!);
    });
    if (count >= limit || ended.every(Boolean)) break;
    const last = step;
    step = tf.tidy(() => advance(parameters, config, last, request.past, tokens, positions));
    tf.dispose([last.best, last.cache, last.keyMask]);
    positions.forEach((_, row) => {
      positions[row]!++;
    });
  }
  tf.dispose(step);
  return answers;
}

/** The tokens chosen last, and what the next step needs of the past. */
type Step = {
  /** [rows] int32 */
  readonly best: tf.Tensor;
  readonly cache: LayerCache[];
  /** Hides the padding before short prompts, [rows, 1, 1, keys]. */
  readonly keyMask: tf.Tensor;
};

function prefill(parameters: Parameters, config: DecoderConfig, { prompts, visual, past }: GreedyRequest): Step {
  return tf.tidy(() => {
    const { embeddings, positions, mask, keyMask } = layPrompts(parameters, prompts, visual, past?.length);
    const { last, cache } = decoder(parameters, config, {
      embeddings,
      positions,
      mask,
      ...(past && { shared: past.cache }),
    });
    return { best: likeliest(parameters, config, last), cache, keyMask };
  });
}

function advance(
  parameters: Parameters,
  config: DecoderConfig,
  step: Step,
  past: Past | undefined,
  tokens: Int32Array,
  positions: readonly number[],
): Step {
  const rows = tokens.length;
  const keyMask = tf.concat([step.keyMask, tf.zeros([rows, 1, 1, 1])], 3);
  const { last, cache } = decoder(parameters, config, {
    embeddings: embedTokens(parameters, tf.tensor2d(tokens, [rows, 1], 'int32')),
    positions: tf.tensor2d([...positions], [rows, 1]),
    mask: keyMask,
    cache: step.cache,
    ...(past && { shared: past.cache }),
  });
  return { best: likeliest(parameters, config, last), cache, keyMask };
}

/** The likeliest token after the last position of each row, [rows]. */
function likeliest(parameters: Parameters, config: DecoderConfig, last: tf.Tensor3D): tf.Tensor {
  const [rows, tokens, width] = last.shape;
  const ends = tf.reshape(tf.slice(last, [0, tokens - 1, 0], [rows, 1, width]), [rows, width]);
  return tf.argMax(vocabularyLogits(parameters, config, ends), -1);
}
