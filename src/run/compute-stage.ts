import { setImmediate } from 'node:timers/promises';
import type { Places } from '../data/training-source.js';
import { takeCompilations } from '../engine/compile.js';
import { assertSound } from '../engine/faults.js';
import type { Stage } from '../plan/stage.js';
import { faultOf, type StageFault } from './stage-fault.js';
import { STAGE_RUNNERS } from './stages/index.js';
import type { Progress, StageContext, StageRunner, Summary } from './stages/stage-kind.js';
import { Stopwatch } from './stages/stopwatch.js';

/** What a process computes, from where, to where. */
export interface StageWork {
  readonly stage: Stage;
  /** Empty folder for the result. */
  readonly folder: string;
  /** Folder for what the next attempt goes on from. */
  readonly checkpoints: string;
  /** Folders of the stages that it reads, by what they are to it. */
  readonly parents: Readonly<Record<string, string>>;
  readonly places: Places;
}

/** What a stage says while it is computed. */
export type StageNews =
  | { readonly type: 'progress'; readonly progress: Progress }
  | { readonly type: 'note'; readonly text: string }
  | {
      readonly type: 'metrics';
      readonly rows: readonly { readonly step: number; readonly name: string; readonly value: number }[];
    };

/** How computing a stage ended. */
export type StageEnd =
  /** With what it took, earlier attempts included that it went on from. */
  | { readonly type: 'done'; readonly summary: Summary; readonly seconds: number }
  /** It was asked to stop, and has kept what it had come to. */
  | { readonly type: 'stopped' }
  | { readonly type: 'failed'; readonly fault: StageFault };

/** Thrown inside a stage that was asked to stop. */
class Stopped extends Error {}

/** Milliseconds between two reports of progress: more would only cost. */
const REPORT_EVERY = 100;

/**
 * Computes a stage on the open engine; never rejects.
 * @param tell told of progress, at most ten times a second
 * @param stopping asked after every step
 */
export async function computeStage(
  { stage, folder, checkpoints, parents, places }: StageWork,
  tell: (news: StageNews) => void,
  stopping: () => boolean,
): Promise<StageEnd> {
  let rows: { step: number; name: string; value: number }[] = [];
  let reported = Number.NEGATIVE_INFINITY;
  const flush = () => {
    if (rows.length > 0) tell({ type: 'metrics', rows });
    rows = [];
  };
  const stopwatch = new Stopwatch();
  const context: StageContext = {
    folder,
    checkpoints,
    stopwatch,
    published() {
      if (stage.checkpoint === null) throw new Error(`${stage.kind} loads no checkpoint`);
      return stage.checkpoint;
    },
    places,
    parent(role) {
      const parent = parents[role];
      if (!parent) throw new Error(`${stage.kind} reads no ${role}`);
      return parent;
    },
    async progress(progress) {
      const now = performance.now();
      if (now - reported >= REPORT_EVERY || progress.done === progress.total) {
        reported = now;
        tell({ type: 'progress', progress });
        flush();
      }
      await setImmediate(); // lets messages and signals in: the engine itself never waits
      assertSound();
      if (stopping()) throw new Stopped();
    },
    note: (text) => tell({ type: 'note', text }),
    metric: (step, name, value) => rows.push({ step, name, value }),
  };
  try {
    const run = STAGE_RUNNERS[stage.kind] as StageRunner<Stage['kind']>;
    const summary = await run(stage.spec, context);
    assertSound();
    flush();
    return {
      type: 'done',
      summary: { ...summary, ...compilingSummary(context.note) },
      seconds: stopwatch.seconds,
    };
  } catch (error) {
    flush();
    return error instanceof Stopped ? { type: 'stopped' } : { type: 'failed', fault: faultOf(error) };
  }
}

/** Shapes of one step beyond which a stage says that it compiles too much. */
const MOST_SHAPES = 8;

/** What a stage's steps cost to compile; says so aloud where a step was compiled for many shapes. */
function compilingSummary(note: (text: string) => void): Summary {
  const made = takeCompilations();
  if (made.length === 0) return {};
  for (const title of new Set(made.map((each) => each.title))) {
    const shapes = made.filter((each) => each.title === title).length;
    if (shapes > MOST_SHAPES) note(`the step "${title}" was compiled for ${shapes} shapes`);
  }
  return { programs: made.length, 'compiling, s': made.reduce((sum, { seconds }) => sum + seconds, 0) };
}
