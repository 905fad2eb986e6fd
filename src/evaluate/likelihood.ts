import * as tf from '@tensorflow/tfjs-core';
import type { Piece } from '../data/packing.js';
import { type DecoderConfig, decoder, vocabularyLogits } from '../model/decoder.js';
import type { Parameters } from '../model/parameters.js';
import type { Past } from './past.js';
import { layPrompts } from './prompts/layout.js';

/** A prompt, and what may follow it. */
export interface Continued {
  readonly prompt: readonly Piece[];
  /** Token ids; the prompt, or what stands before it, has one token at least. */
  readonly continuation: readonly number[];
}

/** Rows at a time, and scores of next tokens that are held at once, at most (one row has as many as it needs). */
const ROWS = 64;
const MOST_SCORES = 1 << 25;

/**
 * How likely each continuation is: log p(continuation | prompt), summed over its tokens, in nats.
 * @param parameters the language model's weights
 * @param visual visual tokens of the prompts' pictures, [pictures, tokens, width]
 * @param past what every prompt follows on
 * @returns [rows]
 */
export function logLikelihoods(
  parameters: Parameters,
  config: DecoderConfig,
  rows: readonly Continued[],
  visual: tf.Tensor3D | null,
  past: Past | null,
): number[] {
  const sums: number[] = [];
  for (let start = 0; start < rows.length; ) {
    let end = start + 1;
    let tokens = rows[start]!.continuation.length;
    while (end < rows.length && end - start < ROWS) {
      tokens += rows[end]!.continuation.length;
      if (tokens * config.vocab_size > MOST_SCORES) break;
      end++;
    }
    sums.push(...likelihoodsAtOnce(parameters, config, rows.slice(start, end), visual, past));
    start = end;
  }
  return sums;
}

function likelihoodsAtOnce(
  parameters: Parameters,
  config: DecoderConfig,
  rows: readonly Continued[],
  visual: tf.Tensor3D | null,
  past: Past | null,
): number[] {
  const values = tf.tidy(() => {
    // A row's last token predicts nothing that is asked for.
    const prompts = rows.map(({ prompt, continuation }) => [
      ...prompt,
      { tokens: continuation.slice(0, -1), counted: false },
    ]);
    const { embeddings, positions, mask } = layPrompts(parameters, prompts, visual, past?.length);
    const { last } = decoder(parameters, config, {
      embeddings,
      positions,
      mask,
      ...(past && { shared: past.cache }),
    });
    const [, length, width] = last.shape; // rows end together
    const read = rows.flatMap(({ continuation }, row) =>
      continuation.map((_, i) => row * length + length - continuation.length + i),
    );
    const states = tf.gather(tf.reshape(last, [-1, width]), tf.tensor1d(read, 'int32')); // [tokens, width]
    const scores = tf.logSoftmax(vocabularyLogits(parameters, config, states) as tf.Tensor as tf.Tensor2D); // [tokens, vocabulary]
    const targets = rows.flatMap(({ continuation }) => continuation);
    const flat = targets.map((target, i) => i * config.vocab_size + target);
    return tf.gather(tf.reshape(scores, [-1]), tf.tensor1d(flat, 'int32'));
  });
  const logs = values.dataSync();
  values.dispose();
  let at = 0;
  return rows.map(({ continuation }) => continuation.reduce((sum) => sum + logs[at++]!, 0));
}
