import * as tf from '@tensorflow/tfjs-core';
import type { Piece } from '../data/packing.js';
import { compile } from '../engine/compile.js';
import { type DecoderConfig, decoder, vocabularyLogits } from '../model/decoder.js';
import { crossEntropy } from '../model/layers/index.js';
import type { Parameters } from '../model/parameters.js';
import { type Following, following, type Past, sharedInput } from './past.js';
import { embedPrompts, type LaidPrompts, layPrompts } from './prompts/layout.js';

/** A prompt, and what may follow it. */
export interface Continued {
  readonly prompt: readonly Piece[];
  /** Token ids; the prompt, or what stands before it, has one token at least. */
  readonly continuation: readonly number[];
}

/** Rows at a time, and scores of next tokens that are held at once, at most (one row has as many as it needs). */
const ROWS = 64;
const MOST_SCORES = 1 << 25;

/** Tokens whose likelihood is read come in multiples of this, so that few programs are compiled. */
const READS = 128;

interface ScoreInput {
  readonly parameters: Parameters;
  readonly config: DecoderConfig;
  readonly past: Following;
  readonly laid: LaidPrompts;
  readonly visual: tf.Tensor3D | null;
  /** Positions whose next token is asked for, [reads] int32. */
  readonly read: tf.Tensor1D;
  /** [reads] int32 */
  readonly targets: tf.Tensor1D;
}

/** log p of each target, [reads]. */
const score = compile('score', ({ parameters, config, past, laid, visual, read, targets }: ScoreInput) => {
  const { embeddings, mask } = embedPrompts(parameters, laid, visual);
  const { last } = decoder(parameters, config, { embeddings, positions: laid.positions, mask, ...sharedInput(past) });
  const states = tf.gather(tf.reshape(last, [-1, config.hidden_size]), read); // [reads, width]
  const logits = vocabularyLogits(parameters, config, states) as tf.Tensor as tf.Tensor2D; // [reads, vocabulary]
  return tf.neg(crossEntropy(logits, targets));
});

/**
 * How likely each continuation is: log p(continuation | prompt), summed over its tokens, in nats.
 * @param parameters the language model's weights
 * @param visual visual tokens of the prompts' pictures, [pictures, tokens, width]
 * @param past what every prompt follows on
 * @returns [rows]
 */
export async function logLikelihoods(
  parameters: Parameters,
  config: DecoderConfig,
  rows: readonly Continued[],
  visual: tf.Tensor3D | null,
  past: Past | null,
): Promise<number[]> {
  const sums: number[] = [];
  for (let start = 0; start < rows.length; ) {
    let end = start + 1;
    let tokens = rows[start]!.continuation.length;
    while (end < rows.length && end - start < ROWS) {
      tokens += rows[end]!.continuation.length;
      if (tokens * config.vocab_size > MOST_SCORES) break;
      end++;
    }
    sums.push(...(await likelihoodsAtOnce(parameters, config, rows.slice(start, end), visual, past)));
    start = end;
  }
  return sums;
}

async function likelihoodsAtOnce(
  parameters: Parameters,
  config: DecoderConfig,
  rows: readonly Continued[],
  visual: tf.Tensor3D | null,
  past: Past | null,
): Promise<number[]> {
  // A row's last token predicts nothing that is asked for.
  const prompts = rows.map(({ prompt, continuation }) => [
    ...prompt,
    { tokens: continuation.slice(0, -1), counted: false },
  ]);
  const laid = layPrompts(prompts, visual?.shape[1] ?? 0, past?.length);
  const length = laid.positions.shape[1]; // rows end together
  const size = Math.ceil(rows.reduce((sum, { continuation }) => sum + continuation.length, 0) / READS) * READS;
  const [read, targets] = [new Int32Array(size), new Int32Array(size)];
  let at = 0;
  rows.forEach(({ continuation }, row) => {
    continuation.forEach((target, i) => {
      read[at] = (row + 1) * length - continuation.length + i;
      targets[at++] = target;
    });
  });
  const asked = { laid, read: tf.tensor1d(read, 'int32'), targets: tf.tensor1d(targets, 'int32') };
  const values = score({ parameters, config, past: following(past), visual, ...asked });
  const logs = await values.data();
  tf.dispose([values, laid, asked.read, asked.targets]);
  let next = 0;
  return rows.map(({ continuation }) => continuation.reduce((sum) => sum + logs[next++]!, 0));
}
