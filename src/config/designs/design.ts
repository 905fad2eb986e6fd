import type { Axis, Design } from '../plan.js';
import type { Scalar, Settings } from '../recipe.js';

/** A cell: what each axis says, by the axis's path. */
export type Cell = Settings;

/** What a design is made of. */
export interface DesignInput {
  readonly axes: readonly Axis[];
  /** What the base says of each axis, by its path: where a design starts from. */
  readonly centre: Readonly<Record<string, Scalar>>;
  /** Of a fraction: the least number of axes that may take part in an alias. */
  readonly resolution: number;
}

/** The cells of a design, and what is to be known of it. */
export interface Spanned {
  readonly cells: readonly Cell[];
  readonly design: Design;
}

/** A way to choose cells. */
export type DesignMaker = (input: DesignInput) => Spanned;
