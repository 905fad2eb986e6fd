import * as tf from '@tensorflow/tfjs-core';
import { randomView } from '../data/augmentation.js';
import { type Concept, captionOf } from '../data/emoji/corpus.js';
import { cutPatches } from '../data/patches.js';
import type { Tokenizer } from '../data/tokenizer/index.js';
import { random } from '../random.js';

/** Pictures to pre-train an encoder on, decoded. */
export interface ContrastivePictures {
  /** RGB, [n, resolution, resolution, 3] */
  readonly pixels: Uint8Array;
  readonly resolution: number;
  readonly patch: number;
  /** The pictures of each concept, by their place in `pixels`. */
  readonly drawings: readonly { readonly concept: Concept; readonly pictures: readonly number[] }[];
}

/** How batches are drawn. */
export interface ContrastiveSettings {
  readonly batch: number;
  /** Patches of a picture that the encoder sees in a step, at most all (FLIP, Li et al., 2023). */
  readonly keepPatches: number;
  readonly seed: number;
  /** Longest text in tokens, its end included. */
  readonly tokens: number;
}

/** Tags that stand behind a name in a caption. */
const TAGS = 3;

export type ContrastiveBatch = {
  readonly patches: tf.Tensor3D;
  readonly kept: tf.Tensor1D;
  readonly ids: tf.Tensor2D;
  readonly ends: tf.Tensor1D;
};

/**
 * Pictures and captions of one step: a pure function of (pictures, settings, step). No concept comes twice, so that no
 * other caption of the batch is true of a picture as well. Each picture is looked at in a random way. A caption is a name and a few of its tags.
 */
export function contrastiveBatch(
  pictures: ContrastivePictures,
  settings: ContrastiveSettings,
  tokenizer: Tokenizer,
  step: number,
): ContrastiveBatch {
  const { resolution, patch, drawings } = pictures;
  const stream = random(settings.seed, `contrastive ${step}`);
  const rows = Math.min(settings.batch, drawings.length);
  const patchCount = (resolution / patch) ** 2;
  const keptCount = Math.min(patchCount, settings.keepPatches);
  const kept = stream.permutation(patchCount).subarray(0, keptCount).sort();

  const size = 3 * patch * patch;
  const values = new Float32Array(rows * keptCount * size);
  const ids = new Int32Array(rows * settings.tokens).fill(tokenizer.pad);
  const ends = new Int32Array(rows);
  const chosen = stream.permutation(drawings.length).subarray(0, rows);
  chosen.forEach((drawing, row) => {
    const { concept, pictures: places } = drawings[drawing]!;
    const picture = places[stream.below(places.length)]!;
    cutPatches(
      pictures.pixels,
      picture,
      resolution,
      patch,
      kept,
      values,
      row * keptCount * size,
      randomView(resolution, stream),
    );
    const order = stream.permutation(concept.tags.length).subarray(0, TAGS);
    const caption = [captionOf(concept), ...Array.from(order, (i) => concept.tags[i]!)].join(', ');
    const text = tokenizer.encode(` ${caption}`).slice(0, settings.tokens - 1);
    ids.set([...text, tokenizer.endOfText], row * settings.tokens);
    ends[row] = text.length;
  });
  return {
    patches: tf.tensor3d(values, [rows, keptCount, size]),
    kept: tf.tensor1d(kept, 'int32'),
    ids: tf.tensor2d(ids, [rows, settings.tokens], 'int32'),
    ends: tf.tensor1d(ends, 'int32'),
  };
}
