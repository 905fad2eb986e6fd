import type { Box } from '../regions.js';
import type { Split } from './split.js';
import type { Colour, Fill, Grade, ShapeName } from './vocabulary.js';

/** Side in pixels of the one picture that every size of a scene is made from. */
export const MASTER_SIDE = 672;

interface Placed {
  readonly grade: Grade;
  readonly colour: Colour;
  /** In pixels of the master. */
  readonly box: Box;
}

export interface Shape extends Placed {
  readonly kind: 'shape';
  readonly shape: ShapeName;
  readonly fill: Fill;
}

/** A plate with a string on it. */
export interface Sign extends Placed {
  readonly kind: 'sign';
  readonly text: string;
}

/** A clock face with one hand; its rim has the colour. */
export interface Dial extends Placed {
  readonly kind: 'dial';
  readonly hour: number;
}

export interface Bar {
  readonly colour: Colour;
  /** Ticks that the bar is high. */
  readonly ticks: number;
}

/** A bar chart whose axis has numbers; its frame has the colour. */
export interface Chart extends Placed {
  readonly kind: 'chart';
  /** From one tick to the next. */
  readonly step: number;
  readonly bars: readonly Bar[];
}

export type Thing = Shape | Sign | Dial | Chart;

/** A question about a scene, with its one answer. */
export interface SceneQuestion {
  readonly question: string;
  readonly answer: string;
  /** What the scene has in common with some others that are asked the same: its thing's colour. */
  readonly kind?: string;
}

/** What a picture shows, before it is drawn. */
export interface Scene {
  /** The same in every run; two scenes of the same id are the same. */
  readonly id: string;
  readonly split: Split;
  /** What the scene was made to ask. */
  readonly skill: string;
  readonly grade: Grade;
  readonly things: readonly Thing[];
  readonly questions: readonly SceneQuestion[];
}
