import { closeSync, fstatSync, fsyncSync, openSync, readdirSync, readSync, writeSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { Engine } from '../../../engine/index.js';
import type { StageEnd, StageNews } from '../../compute-stage.js';

/** What a task says of its stage, a line each. */
export type TaskEvent =
  | { readonly type: 'started'; readonly host: string; readonly job: string; readonly engine: Engine }
  /** A sign of life. */
  | { readonly type: 'alive' }
  | StageNews
  /** Its result is in the cache: its own, or that of a copy that was quicker. */
  | { readonly type: 'published' }
  /** A stage that it reads is not there: nothing was computed. */
  | { readonly type: 'early' }
  | Exclude<StageEnd, { type: 'done' }>;

/** Events that say that the task is at its end. */
export const isEnd = ({ type }: TaskEvent): boolean => ['published', 'early', 'failed', 'stopped'].includes(type);

/** Milliseconds between two times that news are forced to the disk. */
const FORCE_EVERY = 20_000;

/** Writes what one process says of one stage; no other process writes to its file. */
export function eventWriter(folder: string, key: string): { tell(event: TaskEvent): void; close(): void } {
  const file = openSync(join(folder, `${key}.${hostname()}.${process.pid}.${Date.now()}.jsonl`), 'wx');
  let forced = performance.now();
  return {
    tell(event) {
      writeSync(file, `${JSON.stringify(event)}\n`);
      if (!isEnd(event) && performance.now() - forced < FORCE_EVERY) return;
      fsyncSync(file);
      forced = performance.now();
    },
    close: () => closeSync(file),
  };
}

/** Bytes that are read at once. */
const CHUNK = 1 << 16;

/** Reads what all processes say of stages, each line once. A last line without its end is read when it has it, or never. */
export class EventReader {
  /** Bytes of each file that were read, up to the end of a line. */
  readonly #read = new Map<string, number>();

  constructor(readonly folder: string) {}

  /** Passes over what was said before now. */
  skip(): void {
    this.read(
      () => {},
      () => true,
    );
  }

  /**
   * @param wanted whether anyone waits for a stage: what others say is left for later
   * @param tell told of each event, those of one process in their order
   */
  read(tell: (key: string, event: TaskEvent) => void, wanted: (key: string) => boolean): void {
    for (const name of readdirSync(this.folder)) {
      const key = name.slice(0, name.indexOf('.'));
      if (!wanted(key)) continue;
      for (const line of this.#lines(name)) {
        try {
          tell(key, JSON.parse(line) as TaskEvent);
        } catch (error) {
          if (!(error instanceof SyntaxError)) throw error;
          // A line that was torn, and written on by nobody: what it said is lost, as if it had not been said.
        }
      }
    }
  }

  #lines(name: string): string[] {
    const file = openSync(join(this.folder, name), 'r');
    try {
      const from = this.#read.get(name) ?? 0;
      const { size } = fstatSync(file);
      if (size <= from) return [];
      const bytes = Buffer.alloc(size - from);
      for (let at = 0; at < bytes.length; ) {
        const count = readSync(file, bytes, at, Math.min(CHUNK, bytes.length - at), from + at);
        if (count === 0) break;
        at += count;
      }
      const end = bytes.lastIndexOf(10) + 1; // behind the last newline
      this.#read.set(name, from + end);
      return bytes.subarray(0, end).toString('utf8').split('\n').slice(0, -1);
    } finally {
      closeSync(file);
    }
  }
}
