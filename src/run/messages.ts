import type { Engine } from '../engine/index.js';
import type { StageEnd, StageNews, StageWork } from './compute-stage.js';
import type { StageFault } from './stage-fault.js';

/** What the head asks of a worker. */
export type ToWorker =
  | ({ readonly type: 'stage' } & StageWork)
  /** Give up the stage at work after its present step. */
  | { readonly type: 'stop' };

/** What a worker says. */
export type FromWorker =
  | { readonly type: 'ready'; readonly engine: Engine }
  /** No engine could be opened: nothing can be computed. */
  | { readonly type: 'refused'; readonly fault: StageFault }
  /** A sign of life. */
  | { readonly type: 'alive' }
  | StageNews
  | StageEnd;
