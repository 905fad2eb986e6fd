/** Colours of things, by their name, as RGB. */
export const COLOURS = {
  red: [214, 39, 40],
  orange: [255, 140, 20],
  yellow: [240, 205, 20],
  green: [34, 150, 60],
  blue: [35, 85, 215],
  purple: [130, 50, 165],
  pink: [245, 130, 190],
  brown: [120, 72, 35],
} as const;
export type Colour = keyof typeof COLOURS;
export const COLOUR_NAMES = Object.keys(COLOURS) as Colour[];

export const SHAPES = ['circle', 'square', 'triangle', 'star', 'cross', 'heart'] as const;
export type ShapeName = (typeof SHAPES)[number];

/** How a shape is filled: all of it, its rim alone, or all of it with a black dot in the middle. */
export const FILLS = ['plain', 'hollow', 'dotted'] as const;
export type Fill = (typeof FILLS)[number];

/** Grades of detail, the finest first. A thing's grade is what texts call its size. */
export const GRADES = ['tiny', 'small', 'medium', 'large', 'huge'] as const;
export type Grade = (typeof GRADES)[number];

export const DIRECTIONS = ['left', 'right', 'above', 'below'] as const;
export type Direction = (typeof DIRECTIONS)[number];

/** Hours that a dial can show. */
export const HOURS = 12;
