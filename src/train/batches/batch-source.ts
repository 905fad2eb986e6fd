import type { Arrays, Batch } from './arrays.js';

/** One part of a step, made. */
export interface MadeBatch<B extends Batch> {
  readonly arrays: Arrays<B>;
  /** What its source remembers of all steps up to this one, or null: a checkpoint keeps it. */
  readonly data: unknown;
}

/** Draws the batches of one training. What it opens from is plain, so that it can be opened in another thread. */
export interface BatchSource<B extends Batch> {
  /** How much there is to draw from. */
  readonly facts: Readonly<Record<string, number>>;
  /** Makes one part of a step, both from 0. Called in order, one after another; what it gives away it does not touch again. */
  make(step: number, part: number): Promise<MadeBatch<B>>;
  /** Goes on from what a batch had as its data. */
  restore(data: unknown): void;
  close(): Promise<void>;
}
