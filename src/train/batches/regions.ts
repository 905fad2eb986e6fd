import { openCaptionCorpus } from '../../data/caption-corpus.js';
import { countTexts, drawableTexts, type TextCounts } from '../../data/caption-texts.js';
import type { TextShares } from '../../data/encoder-sets.js';
import { regionLooks, windowSide } from '../../data/looks.js';
import { namedPictures } from '../../data/named-pictures.js';
import { cutPatches } from '../../data/patches.js';
import { coverPatches, type NamedPicture } from '../../data/regions.js';
import { loadTokenizer, type Tokenizer } from '../../data/tokenizer/index.js';
import type { RegionBatch } from '../../model/clip-regions.js';
import { random } from '../../random.js';
import type { Arrays } from './arrays.js';
import type { BatchSource } from './batch-source.js';
import type { ContrastiveSettings } from './contrastive.js';
import { encodeTexts, roomFor } from './encoded-texts.js';
import { drawWindow } from './patch-window.js';
import { addTexts, NO_TEXTS } from './text-counts.js';

/** Most drawings of a collage; it has two or three on average. */
const DRAWINGS = 4;
/** Every so manieth step sees whole pictures. */
const WHOLE_EVERY = 2;

/** How batches of regions are put together. */
export interface RegionSettings extends Omit<ContrastiveSettings, 'batch' | keyof TextShares> {
  /** Side of every picture in pixels. */
  readonly resolution: number;
  /** Slots a picture: most regions of one picture that count. */
  readonly regions: number;
  /** Most distinct phrases that count. */
  readonly phrases: number;
}

/**
 * Pictures of which parts are named, from a folder of captioned pictures; remembers where its texts came from. Steps see windows of
 * many pictures, and whole ones of as many fewer, in turn: whole pictures alone have few regions for their cost, and from
 * windows alone an encoder does not learn to attend among all patches, which is how it is used (FLIP tunes on whole pictures at the end:
 * Li et al., 2023, section 3).
 * @throws Mm1Error E_CORPUS or E_IMAGE where the folder is not whole
 */
export async function openRegions(
  settings: ContrastiveSettings & { readonly corpus: string },
): Promise<BatchSource<RegionBatch>> {
  const { batch, patch, seed } = settings;
  const tokenizer = loadTokenizer();
  const corpus = await openCaptionCorpus(settings.corpus);
  const tokens = roomFor(drawableTexts(corpus, settings, true), settings.tokens, tokenizer);
  const { resolution } = corpus.pool;
  const { windows, whole } = regionLooks(resolution / patch, batch, settings.keepPatches);
  let counts = NO_TEXTS;
  return {
    facts: { pictures: corpus.pool.count, 'first texts': corpus.distinct },
    async make(step) {
      const looks = step % WHOLE_EVERY === 0 ? whole : windows;
      const drawn = { ...settings, pictures: looks.pictures, drawings: DRAWINGS, seed };
      const { pictures, texts } = await namedPictures(corpus, drawn, step);
      counts = addTexts(counts, countTexts(texts));
      // A first text has one phrase a step; parts have phrases of their own.
      const slots = looks.pictures * looks.regions;
      const phrases = corpus.withParts.length > 0 ? slots : Math.min(slots, corpus.distinct);
      const cut = { ...settings, ...looks, resolution, phrases, tokens };
      return { arrays: regionBatch(pictures, cut, tokenizer, step), data: counts };
    },
    restore(data) {
      counts = data as TextCounts;
    },
    close: () => corpus.close(),
  };
}

/**
 * Pictures and named regions of one step, whatever they come from: a pure function of (pictures, settings, step). Each picture
 * is moved by less than a patch, so that the grid falls on it elsewhere, and seen through a square window of the grid, around
 * one of its regions: what a patch is part of shows in its neighbours.
 * Shapes follow from the number of pictures and the settings alone. A region has no slot, and no part in the step, where its
 * picture's slots are full, where too little of it lies in the window, or where there is no room for its phrase.
 */
export function regionBatch(
  pictures: readonly NamedPicture[],
  settings: RegionSettings,
  tokenizer: Tokenizer,
  step: number,
): Arrays<RegionBatch> {
  const { resolution, patch, regions: slots } = settings;
  const grid = resolution / patch;
  const stream = random(settings.seed, `windows ${step}`);
  const side = windowSide(grid, settings.keepPatches);
  const seen = side * side;

  const size = 3 * patch * patch;
  const values = new Float32Array(pictures.length * seen * size);
  const kept = new Int32Array(pictures.length * seen);
  const cover = new Float32Array(pictures.length * slots * seen).fill(1 / seen);
  const filled = new Float32Array(pictures.length * slots);
  const names = new Int32Array(pictures.length * slots);
  const phrases = new Map<string, number>();
  pictures.forEach(({ pixels, regions }, row) => {
    if (pixels.length !== resolution * resolution * 3) throw new Error(`a picture is not ${resolution} px wide`);
    const [first] = regions;
    const window = drawWindow(side, grid, stream, first && { box: first.box, patch });
    kept.set(window, row * seen);
    cutPatches(pixels, 0, resolution, patch, window, values, row * seen * size);
    let slot = row * slots;
    for (const { box, phrase } of regions) {
      if (slot === (row + 1) * slots) break;
      const name = phrases.get(phrase) ?? phrases.size;
      if (name === settings.phrases) continue;
      if (!coverPatches(box, window, grid, patch, cover, slot * seen)) continue;
      phrases.set(phrase, name);
      names[slot] = name;
      filled[slot] = 1;
      slot++;
    }
  });
  return {
    patches: { values, shape: [pictures.length, seen, size] },
    kept: { values: kept, shape: [pictures.length, seen] },
    cover: { values: cover, shape: [pictures.length, slots, seen] },
    filled: { values: filled, shape: [filled.length] },
    names: { values: names, shape: [names.length] },
    ...encodeTexts([...phrases.keys()], settings.phrases, settings.tokens, tokenizer),
  };
}
