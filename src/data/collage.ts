import { type Random, random } from '../random.js';
import { randomView } from './augmentation.js';
import { type Drawings, taggedCaption } from './drawings.js';
import type { View } from './patches.js';
import { type Level, pyramid } from './pyramid.js';
import { type Box, type NamedPicture, type Region, sharedArea } from './regions.js';

/** Drawings at several sizes. */
export interface ScaledDrawings extends Drawings {
  readonly levels: readonly Level[];
}

/** How collages are made. */
export interface CollageSettings {
  /** Collages a step. */
  readonly pictures: number;
  /** Most drawings that one of them holds. */
  readonly regions: number;
  readonly seed: number;
}

/** Least side of a drawing, as a share of the collage's; sides are spread evenly between it and 1, on a log scale. */
const SMALLEST_SIDE = 0.25;
/** Levels of the drawings' pyramid: the last is of the size of the smallest drawing. */
const LEVELS = 3;
/** Most that two drawings overlap, as a share of the smaller. */
const MOST_OVERLAP = 0.1;
/** Places that are tried for a drawing, each with a size of its own, before the collage goes without it. */
const TRIES = 20;
const WHITE = 255;
const GREATEST = 255;

/** Shrinks drawings to the sizes that {@link collages} reads them at. */
export function scaledDrawings(drawings: Drawings): ScaledDrawings {
  return { ...drawings, levels: pyramid(drawings.pixels, drawings.resolution, LEVELS) };
}

/**
 * Pictures of several things whose places are known, where the corpus has none: each is a white canvas with
 * drawings, each under a random view at a random place and size that no grid of patches knows, and each with
 * its caption. A pure function of (drawings, settings, step).
 * @returns pictures of the drawings' own resolution; boxes are in whole pixels and lie inside. A concept has one caption
 *   a step, and comes a second time after all others have come.
 */
export function collages(source: ScaledDrawings, settings: CollageSettings, step: number): NamedPicture[] {
  const { drawings, resolution } = source;
  const stream = random(settings.seed, `collages ${step}`);
  const captions = drawings.map(({ concept }) => taggedCaption(concept, stream));
  const next = inTurn(drawings.length, stream);
  const most = Math.min(settings.regions, drawings.length);
  return Array.from({ length: settings.pictures }, () => {
    const pixels = new Uint8Array(resolution * resolution * 3).fill(WHITE); // [resolution, resolution, 3]
    const regions: Region[] = [];
    for (let i = 0; i < most; i++) {
      const box = freeBox(regions, resolution, stream);
      if (!box) continue;
      const drawing = next();
      const { pictures } = drawings[drawing]!;
      paste(pixels, source, pictures[stream.below(pictures.length)]!, box, randomView(resolution, stream));
      regions.push({ box, phrase: captions[drawing]! });
    }
    return { pixels, regions };
  });
}

/** Gives 0 .. n-1 in random order, then again in another, and so on. */
function inTurn(n: number, stream: Random): () => number {
  let order = stream.permutation(n);
  let given = 0;
  return () => {
    if (given === n) {
      order = stream.permutation(n);
      given = 0;
    }
    return order[given++]!;
  };
}

/** A square that hardly touches those that are there, or null where none was found. */
function freeBox(taken: readonly Region[], resolution: number, stream: Random): Box | null {
  for (let i = 0; i < TRIES; i++) {
    const side = Math.round(resolution * SMALLEST_SIDE ** stream.uniform());
    const top = stream.below(resolution - side + 1);
    const left = stream.below(resolution - side + 1);
    const box: Box = { top, left, height: side, width: side };
    const free = taken.every(
      ({ box: other }) => sharedArea(box, other) <= MOST_OVERLAP * Math.min(side, other.width) ** 2,
    );
    if (free) return box;
  }
  return null;
}

/** Paints a view of a drawing into a box of the canvas. */
function paste(canvas: Uint8Array, source: ScaledDrawings, picture: number, box: Box, view: View): void {
  const { resolution, levels } = source;
  const { top, left, height: side } = box;
  const shrunk = resolution / side;
  const level = Math.min(levels.length - 1, Math.floor(Math.log2(shrunk))); // at most twice the size it is shown at
  const { pixels, side: width } = levels[level]!;
  const start = picture * width * width;
  const c = view.colours;
  const seen = (i: number) => Math.floor((i + 0.5) * shrunk); // the view's line at a line of the box
  for (let row = 0; row < side; row++) {
    const y = view.rows[seen(row)]!;
    let at = ((top + row) * resolution + left) * 3;
    for (let column = 0; column < side; column++, at += 3) {
      const x = view.columns[seen(column)]!;
      const inside = y >= 0 && x >= 0;
      const from = (start + (y >> level) * width + (x >> level)) * 3;
      const r = inside ? pixels[from]! : WHITE;
      const g = inside ? pixels[from + 1]! : WHITE;
      const b = inside ? pixels[from + 2]! : WHITE;
      canvas[at] = Math.min(GREATEST, Math.round(c[0]! * r + c[1]! * g + c[2]! * b));
      canvas[at + 1] = Math.min(GREATEST, Math.round(c[3]! * r + c[4]! * g + c[5]! * b));
      canvas[at + 2] = Math.min(GREATEST, Math.round(c[6]! * r + c[7]! * g + c[8]! * b));
    }
  }
}
