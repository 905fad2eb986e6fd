import * as tf from '@tensorflow/tfjs-core';
import type { Piece } from '../data/packing.js';
import { compile } from '../engine/compile.js';
import { leavesOf } from '../engine/tree.js';
import { type DecoderConfig, decoder, embedTokens, type LayerCache, vocabularyLogits } from '../model/decoder.js';
import { FORBIDDEN } from '../model/layers/index.js';
import type { Parameters } from '../model/parameters.js';
import { type Following, following, type Past, sharedInput } from './past.js';
import { embedPrompts, type LaidPrompts, layPrompts, paddedRows, promptLength } from './prompts/layout.js';

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

/** Nothing is padded. */
const NONE: [number, number] = [0, 0];

/** What a prompt's reading and every step of an answer have in common. */
interface Model {
  readonly parameters: Parameters;
  readonly config: DecoderConfig;
  readonly past: Following;
}

/** What the next step needs of the steps before. */
interface Stand {
  /** The tokens chosen last, [rows] int32. */
  readonly best: tf.Tensor;
  /** Keys and values of the prompt, then of the answer: room for all of it. */
  readonly cache: readonly LayerCache[];
}

/** Reads the prompts, and chooses each answer's first token; makes room for `room` tokens behind the prompt. */
const prefill = compile(
  'prefill',
  ({ parameters, config, past, laid, visual, room }: Model & PromptInput & { readonly room: number }): Stand => {
    const { embeddings, mask } = embedPrompts(parameters, laid, visual);
    const input = { embeddings, positions: laid.positions, mask, ...sharedInput(past) };
    const { last, cache } = decoder(parameters, config, input);
    const widen = (x: tf.Tensor4D) => tf.pad(x, [NONE, NONE, [0, room], NONE]) as tf.Tensor4D;
    return {
      best: likeliest(parameters, config, last),
      cache: cache.map(({ keys, values }) => ({ keys: widen(keys), values: widen(values) })),
    };
  },
);

interface PromptInput {
  readonly laid: LaidPrompts;
  readonly visual: tf.Tensor3D | null;
}

interface StepInput {
  readonly stand: Stand;
  /** Hides the padding before short prompts, [rows, 1, 1, prompt]. */
  readonly keyMask: tf.Tensor;
  /** Place of the token behind the prompt, from 0: int32. */
  readonly count: tf.Scalar;
  /** [rows, 1] */
  readonly positions: tf.Tensor2D;
}

/** Reads the token that each row chose last, and chooses the next. */
const advance = compile(
  'advance',
  ({ parameters, config, past, stand, keyMask, count, positions }: Model & StepInput): Stand => {
    const [rows, , , prompt] = keyMask.shape as [number, number, number, number];
    const keys = stand.cache[0]!.keys.shape[2];
    const order = tf.range(-prompt, keys - prompt, 1, 'int32'); // places behind the prompt; the prompt's own lie before 0
    const later = tf.mul(tf.cast(tf.greater(order, count), 'float32'), FORBIDDEN); // [keys]
    const hidden = tf.pad(keyMask, [NONE, NONE, NONE, [0, keys - prompt]]);
    const input = {
      embeddings: embedTokens(parameters, tf.reshape(stand.best, [rows, 1])),
      positions,
      mask: tf.add(hidden, tf.reshape(later, [1, 1, 1, keys])), // [rows, 1, 1, keys]
      cache: stand.cache,
      place: tf.reshape(tf.cast(tf.equal(order, count), 'float32'), [1, 1, keys, 1]),
      ...sharedInput(past),
    };
    const { last, cache } = decoder(parameters, config, input);
    return { best: likeliest(parameters, config, last), cache };
  },
);

/**
 * Greedy decoding of a whole batch with a key-value cache: the likeliest token each time, until the end of text, a stop,
 * or the limit.
 * @param parameters the language model's weights
 * @returns each row's tokens, without the end of text, with what a stop string stands in
 */
export async function greedy(
  parameters: Parameters,
  config: DecoderConfig,
  request: GreedyRequest,
): Promise<number[][]> {
  const { prompts, visual, end, stops = () => false, limit } = request;
  const answers: number[][] = prompts.map(() => []);
  const ended = new Array<boolean>(prompts.length).fill(false);
  const before = request.past?.length ?? 0;
  const slots = visual?.shape[1] ?? 0;
  const lengths = prompts.map((pieces) => before + promptLength(pieces, slots));
  const rows = paddedRows(prompts.length);
  const model = { parameters, config, past: following(request.past) };
  const laid = layPrompts(prompts, slots, before);

  let stand = prefill({ ...model, laid, visual, room: limit - 1 });
  for (let count = 1; ; count++) {
    const tokens = await stand.best.data();
    answers.forEach((answer, row) => {
      if (tokens[row] === end) ended[row] = true;
      if (ended[row]) return;
      answer.push(tokens[row]!);
      ended[row] = stops(answer);
    });
    if (count >= limit || ended.every(Boolean)) break;
    const at = {
      keyMask: laid.keyMask,
      count: tf.scalar(count - 1, 'int32'),
      positions: tf.tensor2d(
        Float32Array.from({ length: rows }, (_, row) => (lengths[row] ?? 0) + count - 1),
        [rows, 1],
      ),
    };
    const next = advance({ ...model, stand, ...at });
    tf.dispose([stand.best, ...leavesOf(stand.cache), at.count, at.positions]);
    stand = next;
  }
  tf.dispose([stand.best, ...leavesOf(stand.cache), laid]);
  return answers;
}

/** The likeliest token after the last position of each row, [rows]. */
function likeliest(parameters: Parameters, config: DecoderConfig, last: tf.Tensor3D): tf.Tensor {
  const [rows, tokens, width] = last.shape;
  const ends = tf.reshape(tf.slice(last, [0, tokens - 1, 0], [rows, 1, width]), [rows, width]);
  return tf.argMax(vocabularyLogits(parameters, config, ends), -1);
}
