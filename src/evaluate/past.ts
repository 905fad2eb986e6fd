import * as tf from '@tensorflow/tfjs-core';
import type { Piece } from '../data/packing.js';
import { type DecoderConfig, decoder, type LayerCache } from '../model/decoder.js';
import type { Parameters } from '../model/parameters.js';
import { layPrompts, promptLength } from './prompts/layout.js';

/** Keys and values of what a whole batch of prompts follows on, computed once: one row. */
export type Past = {
  readonly cache: readonly LayerCache[];
  /** Tokens. */
  readonly length: number;
};

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
  const length = promptLength(pieces, visual?.shape[1] ?? 0);
  if (length === 0) return null;
  const cache = tf.tidy(() => {
    const { embeddings, positions, mask } = layPrompts(parameters, [pieces], visual);
    return decoder(parameters, config, { embeddings, positions, mask }).cache;
  });
  return { cache, length };
}
