import { type ChildProcess, fork } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Gpu } from '../../engine/gpus.js';
import type { Engine } from '../../engine/index.js';
import { Mm1Error } from '../../errors.js';
import type { FromWorker, ToWorker } from '../messages.js';
import type { StageFault } from '../stage-fault.js';
import type { Outcome, StageRequest } from './executor.js';
import { hungAfter } from './hung.js';

const WORKER = fileURLToPath(new URL('../worker.js', import.meta.url));
/** Characters of what a worker writes that are kept. */
const KEPT = 4000;
/** Milliseconds between two looks at the time of the last sign. */
const LOOK = 500;

/** How often a worker is started that a signal ends before it is ready. */
const STARTS = 3;

/** How a worker is started. */
export interface WorkerOptions {
  /** Folder that workers keep compiled programs in. */
  readonly programs: string;
  /** The one GPU that it computes on; null where it is to find a device itself. */
  readonly gpu: Gpu | null;
}

/** How a stage ended, by the one worker that knows nothing of others. */
export type WorkerOutcome =
  | Exclude<Outcome, { type: 'done' | 'published' }>
  | Omit<Extract<Outcome, { type: 'done' }>, 'share'>;

/** A process that computes one stage after the other. */
export interface WorkerProcess {
  readonly engine: Engine;
  /** Whether it has ended. */
  readonly ended: boolean;
  /** Computes a stage; a worker that dies or hangs fails it. */
  compute(request: StageRequest, stopped: () => boolean): Promise<WorkerOutcome>;
  post(message: ToWorker): void;
  kill(): void;
}

/** A worker that something ended before it was ready: another one may do better. */
class EndedEarly extends Mm1Error {}

/**
 * Starts a worker; another one where a signal ended it before it was ready, so many times.
 * @throws Mm1Error E_WORKER where no engine can be opened there
 */
export async function startWorker(options: WorkerOptions): Promise<WorkerProcess> {
  for (let left = STARTS - 1; ; left--) {
    try {
      return await startOnce(options);
    } catch (error) {
      if (left === 0 || !(error instanceof EndedEarly)) throw error;
    }
  }
}

async function startOnce({ programs, gpu }: WorkerOptions): Promise<WorkerProcess> {
  const child = fork(WORKER, [programs], {
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    serialization: 'advanced',
    env: { ...process.env, ...(gpu ? { CUDA_VISIBLE_DEVICES: gpu.uuid } : {}) },
  });
  const killedBefore = memoryKills();
  let log = '';
  for (const stream of [child.stdout!, child.stderr!]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      log = (log + text).slice(-KEPT);
    });
  }
  const engine = await opened(child, () => log);
  if (log) process.stderr.write(log); // what the engine said as it opened: a warning
  if (gpu && !engine.gpu) {
    // TensorFlow takes the processor where a GPU cannot be used, and would say nothing of it.
    child.kill('SIGKILL');
    throw refusal(`TensorFlow cannot use the GPU ${gpu.name} (driver ${gpu.driver})`);
  }
  const hung = hungAfter() * 1000;

  function compute(request: StageRequest, stopped: () => boolean): Promise<WorkerOutcome> {
    log = '';
    return new Promise((resolve) => {
      let sign = performance.now();
      const looking = setInterval(() => {
        if (performance.now() - sign < hung) return;
        const message = `the worker process gave no sign of life for ${Math.round(hung / 1000)} s`;
        child.kill('SIGKILL');
        settle(failed({ code: 'E_HUNG', message, stack: null }));
      }, LOOK);
      const settle = (outcome: WorkerOutcome) => {
        clearInterval(looking);
        child.off('message', onMessage).off('close', onClose);
        resolve(outcome);
      };
      const failed = (fault: StageFault): WorkerOutcome => ({ type: 'failed', fault, log });
      const onMessage = (message: FromWorker) => {
        sign = performance.now();
        if (message.type === 'progress') request.onProgress(message.progress);
        else if (message.type === 'note') request.onNote(message.text);
        else if (message.type === 'metrics') request.onMetrics(message.rows);
        else if (message.type === 'done' || message.type === 'stopped') settle(message);
        else if (message.type === 'failed') settle(failed(message.fault));
      };
      const onClose = (status: number | null, signal: string | null) => {
        if (stopped()) return settle({ type: 'stopped' });
        settle(failed(deathOf(status, signal, memoryKills() > killedBefore)));
      };
      child.on('message', onMessage).on('close', onClose);
      const { stage, checkpoints, parents, places } = request;
      post({ type: 'stage', stage, folder: request.begin(), checkpoints, parents, places });
    });
  }

  function post(message: ToWorker): void {
    // A worker that has just died hears nothing more; that it died is told by its end, which is still to be heard of here.
    if (child.connected) child.send(message, () => {});
  }

  return {
    engine,
    get ended() {
      return child.exitCode !== null || child.signalCode !== null || !child.connected;
    },
    compute,
    post,
    kill: () => void child.kill('SIGKILL'),
  };
}

/** Why a worker died, told apart as far as the machine tells. */
function deathOf(status: number | null, signal: string | null, memoryKill: boolean): StageFault {
  if (signal === 'SIGKILL' && memoryKill) {
    const message = 'the machine had no memory left, and ended the worker process';
    return { code: 'E_MEMORY', message, stack: null };
  }
  if (signal === 'SIGKILL' || signal === 'SIGTERM') {
    return { code: 'E_KILLED', message: `the worker process was ended by ${signal}`, stack: null };
  }
  const how = signal ? `crashed with ${signal}` : `ended with status ${status}`;
  return { code: 'E_WORKER', message: `the worker process ${how}`, stack: null };
}

/** How many processes the kernel has ended for want of memory, on all of this machine; 0 where it does not say. */
function memoryKills(): number {
  try {
    return Number(/^oom_kill (\d+)$/m.exec(readFileSync('/proc/vmstat', 'utf8'))?.[1] ?? 0);
  } catch {
    return 0;
  }
}

function opened(child: ChildProcess, log: () => string): Promise<Engine> {
  return new Promise((resolve, reject) => {
    const onClose = (status: number | null, signal: string | null) => {
      const last = log().trimEnd().split('\n').at(-1);
      const why = `it ended with ${signal ?? `status ${status}`}${last ? `: ${last}` : ''}`;
      reject(signal ? refusal(why, EndedEarly) : refusal(why));
    };
    child.once('close', onClose);
    child.once('message', (message: FromWorker) => {
      child.off('close', onClose);
      if (message.type === 'ready') return resolve(message.engine);
      child.kill('SIGKILL');
      const fault = message.type === 'refused' ? message.fault : null;
      reject(refusal(fault?.message ?? `it said ${message.type} before it was ready`));
    });
  });
}

function refusal(why: string, Kind = Mm1Error): Mm1Error {
  return new Kind(`no worker could be started: ${why}`, {
    code: 'E_WORKER',
    remedy: 'Run "mm1 engine" to see what this machine can compute with.',
  });
}
