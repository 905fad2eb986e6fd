import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { ENGINE_NAMES, type EngineName } from './engine.js';
import { ENGINES } from './index.js';
import type { Measured } from './measure-process.js';

/** What `mm1 engine` says of one engine. */
export interface EngineReport {
  readonly name: EngineName;
  /** Whether it loads and computes here. */
  readonly usable: boolean;
  /** Why it is not usable, or null. */
  readonly reason: string | null;
  readonly version: string | null;
  readonly device: string | null;
  /** Bytes of the memory that it computes in; null also where it does not tell. */
  readonly memory: number | null;
  /** Whether a GPU computes. */
  readonly gpu: boolean;
  /** How it takes matrix products of float32. */
  readonly products: 'fp32' | 'tf32' | null;
  /** Measured speed of a float32 matrix product, in 10^9 operations a second. */
  readonly gflops: number | null;
  /** Side of the square matrices that were multiplied. */
  readonly size: number | null;
}

/** What is known of an engine that does not open. */
const NOTHING = {
  ...{ usable: false, version: null, device: null, memory: null },
  ...{ gpu: false, products: null, gflops: null, size: null },
} as const;

const PROGRAM = fileURLToPath(new URL('measure-process.js', import.meta.url));
/** Loading and measuring takes seconds; an engine that hangs must not hang the caller. */
const TIMEOUT_MS = 120_000;

/**
 * Opens and measures every engine, one after the other, each in a process of its own: a library that crashes takes nothing with it, and
 * none shares this process's registry or memory.
 * @param onStart told before each engine is measured
 */
export async function surveyEngines(onStart: (name: EngineName) => void = () => {}): Promise<EngineReport[]> {
  const reports: EngineReport[] = [];
  for (const name of ENGINE_NAMES) {
    const missing = ENGINES[name].missing();
    if (missing === null) onStart(name);
    const answer = missing === null ? await measureEngine(name) : { error: missing };
    reports.push(
      'error' in answer
        ? { ...NOTHING, name, reason: answer.error }
        : { usable: true, reason: null, ...answer.engine, ...answer.speed },
    );
  }
  return reports;
}

/** Opens and measures one engine in a process of its own. */
export function measureEngine(name: EngineName): Promise<Measured> {
  return new Promise((resolve) => {
    const child = fork(PROGRAM, [name], {
      execArgv: [],
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      timeout: TIMEOUT_MS,
    });
    let log = '';
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      log += text;
    });
    let answer: Measured | null = null;
    child.on('message', (message) => {
      answer = message as Measured;
    });
    child.on('error', (error) => resolve({ error: error.message }));
    child.on('close', (status, signal) => {
      const last = log.trimEnd().split('\n').at(-1);
      resolve(answer ?? { error: `its process ended with ${signal ?? `status ${status}`}${last ? `: ${last}` : ''}` });
    });
  });
}
