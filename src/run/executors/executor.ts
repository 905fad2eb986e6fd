import type { Places } from '../../data/training-source.js';
import type { Engine } from '../../engine/index.js';
import type { Stage } from '../../plan/stage.js';
import type { StageFault } from '../stage-fault.js';
import type { Progress, Summary } from '../stages/stage-kind.js';

/** How computing a stage ended. */
export type Outcome =
  | {
      readonly type: 'done';
      readonly summary: Summary;
      /** Wall time. */
      readonly seconds: number;
      /** Part of a device that computed it: 1, or about a half where another stage was at the same device all the while. */
      readonly share: number;
    }
  | {
      readonly type: 'failed';
      readonly fault: StageFault;
      /** The end of what the worker wrote. */
      readonly log: string;
    }
  /** The person asked for it to stop. */
  | { readonly type: 'stopped' };

/** What is computed, from where, to where. */
export interface StageRequest {
  readonly stage: Stage;
  readonly folder: string;
  readonly checkpoints: string;
  readonly parents: Readonly<Record<string, string>>;
  readonly places: Places;
  readonly onProgress: (progress: Progress) => void;
  readonly onNote: (text: string) => void;
  readonly onMetrics: (rows: readonly { step: number; name: string; value: number }[]) => void;
}

/** A place where stages are computed. */
export interface Executor {
  /** Engine that computes there. */
  readonly engine: Engine;
  /** Number of stages that it computes side by side. */
  readonly workers: number;
  /** Number of devices that these have between them: what a device takes for all stages, divided by this, is what the run takes. */
  readonly devices: number;
  /** Computes one stage; never rejects for what goes wrong in the stage. */
  compute(request: StageRequest): Promise<Outcome>;
  /** Asks the stages at work to stop after their present step. */
  stop(): void;
  /** Ends the place, at once. */
  close(): void;
}
