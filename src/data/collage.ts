import type { Random } from '../random.js';
import { randomView } from './augmentation.js';
import type { View } from './patches.js';
import { pyramidLevel } from './pyramid.js';
import { type Box, type NamedPicture, sharedArea } from './regions.js';

/** A picture with its text. */
export interface Drawing {
  readonly document: number;
  readonly phrase: string;
}

/** A picture with its text, and how it is shown in a collage. */
export interface PlacedDrawing extends Drawing {
  readonly box: Box;
  readonly view: View;
}

/** Least side of a drawing, as a share of the collage's; sides are spread evenly between it and 1, on a log scale. */
const SMALLEST_SIDE = 0.25;
/** Level of a drawing's pyramid that is of the size of the smallest one. */
const LAST_LEVEL = 2;
/** Most that two drawings overlap, as a share of the smaller. */
const MOST_OVERLAP = 0.1;
/** Places that are tried for a drawing, each with a size of its own, before the collage goes without it. */
const TRIES = 20;
const WHITE = 255;
const GREATEST = 255;

/**
 * Plans a picture of several things whose places are known, where the corpus has none: drawings under a random view each,
 * at a random place and size that no grid of patches knows.
 * @param next gives the drawings, one after another
 * @param most most drawings that it holds
 * @returns what it shows; boxes are in whole pixels and lie inside
 */
export function planCollage(next: () => Drawing, most: number, resolution: number, stream: Random): PlacedDrawing[] {
  const placed: PlacedDrawing[] = [];
  for (let i = 0; i < most; i++) {
    const box = freeBox(placed, resolution, stream);
    if (box) placed.push({ ...next(), box, view: randomView(resolution, stream) });
  }
  return placed;
}

/**
 * Paints a collage on white.
 * @param drawings pixels of the placed drawings, RGB, [resolution, resolution, 3] each
 */
export function paintCollage(
  placed: readonly PlacedDrawing[],
  drawings: readonly Uint8Array[],
  resolution: number,
): NamedPicture {
  const canvas = new Uint8Array(resolution * resolution * 3).fill(WHITE); // [resolution, resolution, 3]
  placed.forEach(({ box, view }, i) => {
    paste(canvas, drawings[i]!, resolution, box, view);
  });
  return { pixels: canvas, regions: placed };
}

/** A square that hardly touches those that are there, or null where none was found. */
function freeBox(taken: readonly { readonly box: Box }[], resolution: number, stream: Random): Box | null {
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
function paste(canvas: Uint8Array, drawing: Uint8Array, resolution: number, box: Box, view: View): void {
  const { top, left, height: side } = box;
  const shrunk = resolution / side;
  const level = Math.min(LAST_LEVEL, Math.floor(Math.log2(shrunk))); // at most twice the size it is shown at
  const { pixels, side: width } = pyramidLevel(drawing, resolution, level);
  const c = view.colours;
  const seen = (i: number) => Math.floor((i + 0.5) * shrunk); // the view's line at a line of the box
  for (let row = 0; row < side; row++) {
    const y = view.rows[seen(row)]!;
    let at = ((top + row) * resolution + left) * 3;
    for (let column = 0; column < side; column++, at += 3) {
      const x = view.columns[seen(column)]!;
      const inside = y >= 0 && x >= 0;
      const from = ((y >> level) * width + (x >> level)) * 3;
      const r = inside ? pixels[from]! : WHITE;
      const g = inside ? pixels[from + 1]! : WHITE;
      const b = inside ? pixels[from + 2]! : WHITE;
      canvas[at] = Math.min(GREATEST, Math.round(c[0]! * r + c[1]! * g + c[2]! * b));
      canvas[at + 1] = Math.min(GREATEST, Math.round(c[3]! * r + c[4]! * g + c[5]! * b));
      canvas[at + 2] = Math.min(GREATEST, Math.round(c[6]! * r + c[7]! * g + c[8]! * b));
    }
  }
}
