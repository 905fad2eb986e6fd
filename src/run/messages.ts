import type { Places } from '../data/training-source.js';
import type { Engine } from '../engine/index.js';
import type { Stage } from '../plan/stage.js';
import type { StageFault } from './stage-fault.js';
import type { Progress, Summary } from './stages/stage-kind.js';

/** What the head asks of a worker. */
export type ToWorker =
  | {
      readonly type: 'stage';
      readonly stage: Stage;
      /** Empty folder for the result. */
      readonly folder: string;
      /** Folder for what the next attempt goes on from. */
      readonly checkpoints: string;
      /** Folders of the stages that it reads, by what they are to it. */
      readonly parents: Readonly<Record<string, string>>;
      readonly places: Places;
    }
  /** Give up the stage at work after its present step. */
  | { readonly type: 'stop' };

/** What a worker says. */
export type FromWorker =
  | { readonly type: 'ready'; readonly engine: Engine }
  /** No engine could be opened: nothing can be computed. */
  | { readonly type: 'refused'; readonly fault: StageFault }
  /** A sign of life. */
  | { readonly type: 'alive' }
  | { readonly type: 'progress'; readonly progress: Progress }
  | { readonly type: 'note'; readonly text: string }
  | {
      readonly type: 'metrics';
      readonly rows: readonly { readonly step: number; readonly name: string; readonly value: number }[];
    }
  | { readonly type: 'done'; readonly summary: Summary; readonly seconds: number }
  | { readonly type: 'stopped' }
  | { readonly type: 'failed'; readonly fault: StageFault };
