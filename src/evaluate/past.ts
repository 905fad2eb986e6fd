import * as tf from '@tensorflow/tfjs-core';
import type { Piece } from '../data/packing.js';
import { compile } from '../engine/compile.js';
import { type DecoderConfig, decoder, type LayerCache } from '../model/decoder.js';
import type { Parameters } from '../model/parameters.js';
import { embedPrompts, type LaidPrompts, layPrompts, promptLength } from './prompts/layout.js';

/** Keys and values of what a whole batch of prompts follows on, computed once: one row, which starts with padding. */
export type Past = {
  readonly cache: readonly LayerCache[];
  /** Hides the padding, [1, 1, 1, keys]. */
  readonly mask: tf.Tensor;
  /** Tokens, without padding. */
  readonly length: number;
};

/** What the decoder is given of what a batch follows on. */
export type Following = Pick<Past, 'cache' | 'mask'> | null;

interface Read {
  readonly parameters: Parameters;
  readonly config: DecoderConfig;
  readonly laid: LaidPrompts;
  readonly visual: tf.Tensor3D | null;
}

const read = compile('past', ({ parameters, config, laid, visual }: Read) => {
  const { embeddings, mask } = embedPrompts(parameters, laid, visual);
  return decoder(parameters, config, { embeddings, positions: laid.positions, mask }).cache;
});

/**
 * Reads what stands before many prompts: their demonstrations.
 * @param parameters the language model's weights
 * @param visual visual tokens of its pictures, [pictures, tokens, width]; none where it has none
 * @returns null where there is nothing to read; the caller disposes of it
 */
export function readPast(
  parameters: Parameters,
  config: DecoderConfig,
  pieces: readonly Piece[],
  visual: tf.Tensor3D | null,
): Past | null {
  const slots = visual?.shape[1] ?? 0;
  const length = promptLength(pieces, slots);
  if (length === 0) return null;
  const laid = layPrompts([pieces], slots);
  const cache = read({ parameters, config, laid, visual });
  const { keyMask, ...rest } = laid;
  tf.dispose(rest);
  return { cache, mask: keyMask, length };
}

/** What the decoder needs of it. */
export function following(past: Past | null | undefined): Following {
  return past ? { cache: past.cache, mask: past.mask } : null;
}

/** The same as the decoder's input. */
export function sharedInput(past: Following): { shared?: readonly LayerCache[]; sharedMask?: tf.Tensor } {
  return past ? { shared: past.cache, sharedMask: past.mask } : {};
}
