import type { Places } from '../../data/training-source.js';
import type { StageKind, StageSpecs } from '../../plan/stage.js';
import type { Stopwatch } from './stopwatch.js';

/** How far a stage is. */
export interface Progress {
  readonly done: number;
  readonly total: number;
  /** Loss of the last step, where the stage trains. */
  readonly loss?: number;
}

/** What a stage may use. */
export interface StageContext {
  /** Empty folder that the stage writes its result to. */
  readonly folder: string;
  /** Folder that outlives the attempt: what an interrupted attempt left there, the next one finds. */
  readonly checkpoints: string;
  /** What the stage has taken so far. */
  readonly stopwatch: Stopwatch;
  /** Folder of the published model that this stage loads. Throws where it loads none. */
  published(): string;
  /** Folder of a stage that this one reads, by what it is to it. */
  parent(role: string): string;
  /** Folders that the data's sources are looked for in. */
  readonly places: Places;
  /** Says how far the stage is, and waits until messages were read. Throws if the stage is to stop. */
  progress(progress: Progress): Promise<void>;
  /** Tells the person something about this stage, in a few words. */
  note(text: string): void;
  /** Records a number of one step. */
  metric(step: number, name: string, value: number): void;
}

/** What a stage says of itself: it is kept with the result, and shown. */
export type Summary = Readonly<Record<string, string | number | readonly string[] | Readonly<Record<string, number>>>>;

/** How one kind of stage is computed. */
export type StageRunner<K extends StageKind> = (spec: StageSpecs[K], context: StageContext) => Promise<Summary>;
