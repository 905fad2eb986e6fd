import type { Progress } from '../stages/stage-kind.js';

/** Where a whole grid stands. */
export interface GridProgress {
  /** Trials done, failed ones too. */
  readonly done: number;
  readonly total: number;
  /** Null while it cannot be told. */
  readonly secondsLeft: number | null;
}

/** What shows a person how a run goes. */
export interface Screen {
  grid(progress: GridProgress): void;
  /** A stage starts to be computed, perhaps beside others: its key tells them apart. */
  stageStarted(key: string, title: string): void;
  stageProgress(key: string, progress: Progress): void;
  /** A stage ended. @param result one line that says how */
  stageEnded(key: string, result: string): void;
  /** A line that stays. */
  note(text: string): void;
  close(): void;
}

/** Seconds that a stage still takes at its present pace; null before its second step. */
export function paceLeft(started: number, { done, total }: Progress): number | null {
  if (done < 2) return null;
  return (((performance.now() - started) / 1000) * (total - done)) / done;
}
