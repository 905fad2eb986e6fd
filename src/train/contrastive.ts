import * as tf from '@tensorflow/tfjs-core';
import { randomView } from '../data/augmentation.js';
import { type Drawings, taggedCaption } from '../data/drawings.js';
import { cutPatches } from '../data/patches.js';
import { coverPatches, type NamedPicture } from '../data/regions.js';
import type { Tokenizer } from '../data/tokenizer/index.js';
import type { RegionBatch } from '../model/clip-regions.js';
import { type Random, random } from '../random.js';

/** Pictures to pre-train an encoder on, decoded. */
export interface ContrastivePictures extends Drawings {
  readonly patch: number;
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
  const kept = drawKept(resolution / patch, settings.keepPatches, stream);

  const size = 3 * patch * patch;
  const values = new Float32Array(rows * kept.length * size);
  const captions: string[] = [];
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
      row * kept.length * size,
      randomView(resolution, stream),
    );
    captions.push(taggedCaption(concept, stream));
  });
  return {
    patches: tf.tensor3d(values, [rows, kept.length, size]),
    kept: tf.tensor1d(kept, 'int32'),
    ...encodeTexts(captions, rows, settings.tokens, tokenizer),
  };
}

/** How batches of regions are put together. */
export interface RegionSettings extends Pick<ContrastiveSettings, 'keepPatches' | 'seed' | 'tokens'> {
  /** Side of every picture in pixels. */
  readonly resolution: number;
  readonly patch: number;
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
