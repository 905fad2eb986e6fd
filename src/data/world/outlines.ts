import type { Box } from '../regions.js';
import type { ShapeName } from './vocabulary.js';

/** Corners that stand for a round line. */
const ROUND = 40;

/** Corners in a square of side 2 about the origin, y downwards. */
const OUTLINES: Readonly<Record<ShapeName, readonly number[]>> = {
  circle: turned(ROUND, () => 1),
  square: [-0.9, -0.9, 0.9, -0.9, 0.9, 0.9, -0.9, 0.9],
  triangle: [0, -1, 1, 0.85, -1, 0.85],
  star: turned(10, (i) => (i % 2 === 0 ? 1 : 0.42)),
  cross: [
    -0.36, -1, 0.36, -1, 0.36, -0.36, 1, -0.36, 1, 0.36, 0.36, 0.36, 0.36, 1, -0.36, 1, -0.36, 0.36, -1, 0.36, -1,
    -0.36, -0.36, -0.36,
  ],
  heart: heart(),
};

/** A shape that fills a box, as x, y, x, y, ... */
export function outlineOf(shape: ShapeName, { top, left, width, height }: Box): number[] {
  return OUTLINES[shape].map((value, i) =>
    i % 2 === 0 ? left + ((value + 1) / 2) * width : top + ((value + 1) / 2) * height,
  );
}

export function rectangle({ top, left, width, height }: Box): number[] {
  return [left, top, left + width, top, left + width, top + height, left, top + height];
}

/** Corners around the origin, the first straight up. */
function turned(corners: number, radius: (i: number) => number): number[] {
  return Array.from({ length: corners }, (_, i) => {
    const angle = (2 * Math.PI * i) / corners;
    return [radius(i) * Math.sin(angle), -radius(i) * Math.cos(angle)];
  }).flat();
}

/** The usual curve: x = sin^3, y = a sum of four cosines, scaled into the square. */
function heart(): number[] {
  return Array.from({ length: ROUND }, (_, i) => {
    const t = (2 * Math.PI * i) / ROUND;
    const y = 13 * Math.cos(t) - 5 * Math.cos(2 * t) - 2 * Math.cos(3 * t) - Math.cos(4 * t);
    return [Math.sin(t) ** 3, -(y + 2.5) / 14.5];
  }).flat();
}
