import * as tf from '@tensorflow/tfjs-core';
import { randomView } from '../data/augmentation.js';
import { type CaptionCorpus, distinctDocuments } from '../data/caption-corpus.js';
import { countTexts, drawText, type TextCounts } from '../data/caption-texts.js';
import type { TextShares } from '../data/encoder-sets.js';
import { cutPatches } from '../data/patches.js';
import { coverPatches, type NamedPicture } from '../data/regions.js';
import type { Tokenizer } from '../data/tokenizer/index.js';
import type { RegionBatch } from '../model/clip-regions.js';
import { type Random, random } from '../random.js';

/** How batches are drawn. */
export interface ContrastiveSettings extends TextShares {
  readonly batch: number;
  readonly patch: number;
  /** Patches of a picture that the encoder sees in a step, at most all (FLIP, Li et al., 2023). */
  readonly keepPatches: number;
  readonly seed: number;
  /** Longest text in tokens, its end included. */
  readonly tokens: number;
}

export type ContrastiveBatch = {
  readonly patches: tf.Tensor3D;
  readonly kept: tf.Tensor1D;
  readonly ids: tf.Tensor2D;
  readonly ends: tf.Tensor1D;
};

/**
 * Pictures and texts of one step: a pure function of (corpus, settings, step). Documents are drawn uniformly, whatever their
 * source, but no two with the same first text, so that what is said of one picture is not true of another as well. Each
 * picture is looked at in a random way. What is drawn is drawn before the first picture is waited for.
 */
export async function contrastiveBatch(
  corpus: CaptionCorpus,
  settings: ContrastiveSettings,
  tokenizer: Tokenizer,
  step: number,
): Promise<{ readonly batch: ContrastiveBatch; readonly texts: TextCounts }> {
  const { patch } = settings;
  const { resolution } = corpus.pool;
  const stream = random(settings.seed, `contrastive ${step}`);
  const kept = drawKept(resolution / patch, settings.keepPatches, stream);
  const pairs = drawPairs(corpus, settings, stream);
  const pictures = await corpus.pixels(pairs.map(({ document }) => document));

  const size = 3 * patch * patch;
  const values = new Float32Array(pairs.length * kept.length * size);
  pairs.forEach(({ view }, row) => {
    cutPatches(pictures[row]!, 0, resolution, patch, kept, values, row * kept.length * size, view);
  });
  const batch = {
    patches: tf.tensor3d(values, [pairs.length, kept.length, size]),
    kept: tf.tensor1d(kept, 'int32'),
    ...encodeTexts(
      pairs.map(({ text }) => text),
      pairs.length,
      settings.tokens,
      tokenizer,
    ),
  };
  return { batch, texts: countTexts(pairs) };
}

/** Documents of a step, as many as there are first texts at most, each with a text and a look at its picture. */
function drawPairs(corpus: CaptionCorpus, settings: ContrastiveSettings, stream: Random) {
  const rows = Math.min(settings.batch, corpus.distinct);
  const documents = distinctDocuments(corpus, corpus.all, stream);
  return Array.from({ length: rows }, () => {
    const document = documents.next().value!;
    const view = randomView(corpus.pool.resolution, stream);
    return { document, view, ...drawText(corpus, document, settings, stream) };
  });
}

/** How batches of regions are put together. */
export interface RegionSettings extends Pick<ContrastiveSettings, 'patch' | 'keepPatches' | 'seed' | 'tokens'> {
  /** Side of every picture in pixels. */
  readonly resolution: number;
  /** Slots a picture: most regions of one picture that count. */
  readonly regions: number;
  /** Most distinct phrases that count. */
  readonly phrases: number;
}

/**
 * Pictures and named regions of one step, whatever they come from: a pure function of (pictures, settings, step). Shapes
 * follow from the number of pictures and the settings alone. A region has no slot, and no part in the step, where its
 * picture's slots are full, where none of the patches that it covers is kept, or where there is no room for its phrase.
 */
export function regionBatch(
  pictures: readonly NamedPicture[],
  settings: RegionSettings,
  tokenizer: Tokenizer,
  step: number,
): RegionBatch {
  const { resolution, patch, regions: slots } = settings;
  const grid = resolution / patch;
  const kept = drawKept(grid, settings.keepPatches, random(settings.seed, `kept patches ${step}`));

  const size = 3 * patch * patch;
  const values = new Float32Array(pictures.length * kept.length * size);
  const cover = new Float32Array(pictures.length * slots * kept.length).fill(1 / kept.length);
  const filled = new Float32Array(pictures.length * slots);
  const names = new Int32Array(pictures.length * slots);
  const phrases = new Map<string, number>();
  pictures.forEach(({ pixels, regions }, row) => {
    if (pixels.length !== resolution * resolution * 3) throw new Error(`a picture is not ${resolution} px wide`);
    cutPatches(pixels, 0, resolution, patch, kept, values, row * kept.length * size);
    let slot = row * slots;
    for (const { box, phrase } of regions) {
      if (slot === (row + 1) * slots) break;
      const name = phrases.get(phrase) ?? phrases.size;
      if (name === settings.phrases) continue;
      if (!coverPatches(box, kept, grid, patch, cover, slot * kept.length)) continue;
      phrases.set(phrase, name);
      names[slot] = name;
      filled[slot] = 1;
      slot++;
    }
  });
  return {
    patches: tf.tensor3d(values, [pictures.length, kept.length, size]),
    kept: tf.tensor1d(kept, 'int32'),
    cover: tf.tensor3d(cover, [pictures.length, slots, kept.length]),
    filled: tf.tensor1d(filled),
    names: tf.tensor1d(names, 'int32'),
    ...encodeTexts([...phrases.keys()], settings.phrases, settings.tokens, tokenizer),
  };
}

/** Patches that the encoder sees in a step, in order: [kept]. */
function drawKept(grid: number, most: number, stream: Random): Int32Array {
  return stream
    .permutation(grid ** 2)
    .subarray(0, most)
    .sort();
}

/** Texts as token ids, each with its end; rows that are left over hold nothing. */
function encodeTexts(
  texts: readonly string[],
  rows: number,
  tokens: number,
  tokenizer: Tokenizer,
): { ids: tf.Tensor2D; ends: tf.Tensor1D } {
  const ids = new Int32Array(rows * tokens).fill(tokenizer.pad);
  const ends = new Int32Array(rows);
  texts.forEach((text, row) => {
    const encoded = tokenizer.encode(` ${text}`).slice(0, tokens - 1);
    ids.set([...encoded, tokenizer.endOfText], row * tokens);
    ends[row] = encoded.length;
  });
  return { ids: tf.tensor2d(ids, [rows, tokens], 'int32'), ends: tf.tensor1d(ends, 'int32') };
}
