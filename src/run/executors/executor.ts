import type { Places } from '../../data/training-source.js';
import type { Engine } from '../../engine/index.js';
import type { Stage } from '../../plan/stage.js';
import type { StageManifest } from '../../store/cache.js';
import type { StageFault } from '../stage-fault.js';
import type { Progress, Summary } from '../stages/stage-kind.js';

/** How computing a stage ended. */
export type Outcome =
  /** Its result lies in the folder that `begin` gave. */
  | {
      readonly type: 'done';
      readonly summary: Summary;
      /** Wall time. */
      readonly seconds: number;
      /** Part of a device that computed it: 1, or about a half where another stage was at the same device all the while. */
      readonly share: number;
    }
  /** Whoever computed it has put its result into the cache. */
  | { readonly type: 'published'; readonly manifest: StageManifest }
  | {
      readonly type: 'failed';
      readonly fault: StageFault;
      /** The end of what the worker wrote. */
      readonly log: string;
    }
  /** The person asked for it to stop. */
  | { readonly type: 'stopped' };

/** What is computed, and from where. */
export interface StageOrder {
  readonly stage: Stage;
  /** Folder in which an attempt keeps what the next one goes on from. */
  readonly checkpoints: string;
  /** Folders of the stages that it reads, by what they are to it. */
  readonly parents: Readonly<Record<string, string>>;
  readonly places: Places;
  /** What is known of its cost: it belongs to what the stage says of itself. */
  readonly work: Summary;
}

/** An order to compute a stage now, and who is told of it. */
export interface StageRequest extends StageOrder {
  /** Makes the empty folder that the result is written to, where the executor does not publish results itself. */
  readonly begin: () => string;
  /** Told when somebody begins to compute it, again where another one does. */
  readonly onStart: () => void;
  readonly onProgress: (progress: Progress) => void;
  readonly onNote: (text: string) => void;
  readonly onMetrics: (rows: readonly { step: number; name: string; value: number }[]) => void;
}

/**
 * A place where stages are computed. A new one (a cluster's own, say) is a file beside these that makes one, and a name in index.ts: the head
 * hands it stages whose parents are in the cache, and does all else itself (what comes next, retries, the record, the screen).
 */
export interface Executor {
  /** Engine that computes there. */
  readonly engine: Engine;
  /** Most stages that it is given side by side. */
  readonly workers: number;
  /** Number of devices that these have between them: what a device takes for all stages, divided by this, is what the run takes. */
  readonly devices: number;
  /** Told once, before any stage is given, what the run will ask for, parents before those that read them: a place with a queue of its own queues it now. */
  enlist?(run: string, orders: readonly StageOrder[]): Promise<void>;
  /** Computes one stage; never rejects for what goes wrong in the stage. */
  compute(request: StageRequest): Promise<Outcome>;
  /** Asks the stages at work to stop after their present step; or, where they go on without the head, gives up waiting for them. */
  stop(): void;
  /** Ends what of the place is this process's, at once. */
  close(): void;
}
