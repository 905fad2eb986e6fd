import type { Random } from '../../random.js';
import type { Box } from '../regions.js';
import { GLYPH_ROWS, textColumns } from './glyphs.js';
import type { Bar, Chart, Dial, Shape, Sign } from './scene.js';
import { fillsOf, type Split } from './split.js';
import type { Colour, Grade, ShapeName } from './vocabulary.js';

/** Least and most in pixels of the master; the size is any number between, so that none falls in with a grid. */
type Range = readonly [number, number];

/** Sides of shapes. */
const SHAPE_SIDE: Readonly<Record<Grade, Range>> = {
  tiny: [10, 13],
  small: [17, 21],
  medium: [29, 35],
  large: [46, 56],
  huge: [74, 90],
};
/** Heights of glyphs. The finest are 2.3 to 3 pixels high at 224 px: nobody can read them there. */
const GLYPH_HEIGHT: Readonly<Record<Grade, Range>> = {
  tiny: [7, 9],
  small: [11, 14],
  medium: [18, 22],
  large: [28, 34],
  huge: [44, 53],
};
/** Diameters of dials. */
const DIAL_SIDE: Readonly<Record<Grade, Range>> = {
  tiny: [15, 19],
  small: [25, 31],
  medium: [43, 52],
  large: [70, 85],
  huge: [115, 140],
};

/** Rows of a glyph's unit around the text of a sign. */
export const SIGN_MARGIN = 3;

/** A chart in units of a row of its numbers' glyphs. */
export const CHART = {
  margin: 3,
  /** Columns of the numbers and of the space between them and the axis. */
  numbers: textColumns('00') + 2,
  /** From one tick to the next. */
  tick: 13,
  ticks: 4,
  bar: 11,
  gap: 5,
} as const;

/** Nowhere yet: a place is found by {@link place}. */
function boxOf(width: number, height: number): Box {
  return { top: 0, left: 0, width, height };
}

function sizeIn([least, most]: Range, stream: Random): number {
  return least + (most - least) * stream.uniform();
}

/** One of some, each as likely. */
export function oneOf<T>(from: readonly T[], stream: Random): T {
  return from[stream.below(from.length)]!;
}

/** Some of some, none twice, in random order. */
export function someOf<T>(from: readonly T[], count: number, stream: Random): T[] {
  return Array.from(stream.permutation(from.length).subarray(0, count), (i) => from[i]!);
}

/** A shape with a fill that its side of the split allows. */
export function shapeThing(colour: Colour, shape: ShapeName, grade: Grade, split: Split, stream: Random): Shape {
  const side = sizeIn(SHAPE_SIDE[grade], stream);
  return {
    kind: 'shape',
    grade,
    colour,
    shape,
    fill: oneOf(fillsOf(colour, shape, split), stream),
    box: boxOf(side, side),
  };
}

export function signThing(colour: Colour, text: string, grade: Grade, stream: Random): Sign {
  const unit = sizeIn(GLYPH_HEIGHT[grade], stream) / GLYPH_ROWS;
  const width = (textColumns(text) + 2 * SIGN_MARGIN) * unit;
  return { kind: 'sign', grade, colour, text, box: boxOf(width, (GLYPH_ROWS + 2 * SIGN_MARGIN) * unit) };
}

export function dialThing(colour: Colour, hour: number, grade: Grade, stream: Random): Dial {
  const side = sizeIn(DIAL_SIDE[grade], stream);
  return { kind: 'dial', grade, colour, hour, box: boxOf(side, side) };
}

export function chartThing(colour: Colour, step: number, bars: readonly Bar[], grade: Grade, stream: Random): Chart {
  const unit = sizeIn(GLYPH_HEIGHT[grade], stream) / GLYPH_ROWS;
  const columns = 2 * CHART.margin + CHART.numbers + bars.length * (CHART.bar + CHART.gap) + CHART.gap;
  const rows = 2 * CHART.margin + CHART.ticks * CHART.tick + GLYPH_ROWS;
  return { kind: 'chart', grade, colour, step, bars, box: boxOf(columns * unit, rows * unit) };
}
