import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { force } from '../../../store/force.js';
import type { StageOrder } from '../executor.js';

/** Folder of a run's jobs, in the runs folder that all machines share. */
export const spoolFolder = (runsFolder: string, run: string): string => join(runsFolder, 'slurm', run);

/** A batch's number as names have it. */
const numbered = (batch: number): string => String(batch).padStart(4, '0');

/** Name of a run's job array: what it is known by, for Slurm may give a number twice. */
export const jobName = (run: string, batch: number): string => `mm1-${run}-${numbered(batch)}`;

/** The batch that a name is of; null where it is none of this run's. */
export function batchOf(run: string, name: string): number | null {
  const prefix = `mm1-${run}-`;
  const digits = name.startsWith(prefix) ? name.slice(prefix.length) : '';
  return /^\d+$/.test(digits) ? Number(digits) : null;
}

/** Where what a task writes goes to. @param task its number, or what Slurm is to put a number for */
export const logFile = (root: string, batch: number, task: number | '%a'): string =>
  join(root, 'logs', `${numbered(batch)}-${task}.log`);

/** Stages that were put into one job array, a line each: the line's number is the task's. */
interface BatchHead {
  /** Longest chain of stages before them. */
  readonly level: number;
}

/** A batch as it is known again. */
export interface Batch extends BatchHead {
  readonly number: number;
  /** Keys of its stages, by number of task. */
  readonly keys: readonly string[];
}

/** What the head and the tasks of a run tell each other: files of lines in one folder, each written by one process. */
export class Spool {
  constructor(readonly root: string) {
    for (const folder of [this.events, this.logs]) mkdirSync(folder, { recursive: true });
  }

  get events(): string {
    return join(this.root, 'events');
  }

  get logs(): string {
    return dirname(logFile(this.root, 1, 0));
  }

  #file(batch: number): string {
    return join(this.root, `batch-${numbered(batch)}.jsonl`);
  }

  /** Writes the script that a batch is submitted by. @returns its file */
  writeScript(batch: number, text: string): string {
    const file = join(this.root, `batch-${numbered(batch)}.sh`);
    writeFileSync(file, text, { mode: 0o755 });
    return file;
  }

  /** Writes a batch down, before it is submitted. */
  writeBatch(number: number, level: number, orders: readonly StageOrder[]): Batch {
    const file = this.#file(number);
    writeFileSync(file, [{ level }, ...orders].map((line) => `${JSON.stringify(line)}\n`).join(''));
    force(file);
    return { number, level, keys: orders.map(({ stage }) => stage.key) };
  }

  /** Batches of earlier heads of this run. */
  batches(): Batch[] {
    return readdirSync(this.root)
      .flatMap((name) => /^batch-(\d+)\.jsonl$/.exec(name)?.[1] ?? [])
      .map(Number)
      .sort((a, b) => a - b)
      .flatMap((number): Batch[] => {
        try {
          const [head, ...orders] = this.#lines(number);
          const { level } = JSON.parse(head!) as BatchHead;
          return [{ number, level, keys: orders.map((line) => (JSON.parse(line) as StageOrder).stage.key) }];
        } catch {
          return []; // not written whole, so never submitted
        }
      });
  }

  /** What a task is to compute. @throws Error where there is no such task */
  order(batch: number, task: number): StageOrder {
    const line = this.#lines(batch)[task + 1];
    if (line === undefined) throw new Error(`batch ${batch} has no task ${task}`);
    return JSON.parse(line) as StageOrder;
  }

  #lines(batch: number): string[] {
    return readFileSync(this.#file(batch), 'utf8').trimEnd().split('\n');
  }

  /** Whether the person cancelled the run; a head that starts takes it back. */
  get isCancelled(): boolean {
    return existsSync(join(this.root, 'cancelled'));
  }

  set isCancelled(value: boolean) {
    const file = join(this.root, 'cancelled');
    if (value) writeFileSync(file, '');
    else rmSync(file, { force: true });
  }
}
