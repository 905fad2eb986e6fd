import { cpus } from 'node:os';
import type { Executor, Outcome, StageRequest } from './executor.js';
import { startWorker, type WorkerProcess } from './worker-process.js';

/** Where workers run, and how many. */
export interface LocalOptions {
  /** Folder that workers keep compiled programs in. */
  readonly programs: string;
  readonly workers: number;
  /** Number of the machine's GPUs: worker i has GPU i, modulo this; 0 where the processor computes. */
  readonly gpus: number;
}

/**
 * Worker processes of this machine. The first is started at once, the others when they are needed; one that died is replaced.
 * Side by side on one processor, each has its share of the cores.
 * @throws Mm1Error E_WORKER where no engine can be opened
 */
export async function localExecutor({ programs, workers, gpus }: LocalOptions): Promise<Executor> {
  const start = (slot: number) => startWorker({ programs, env: environment(slot, workers, gpus) });
  const slots: { worker: WorkerProcess | null; busy: boolean }[] = Array.from({ length: workers }, () => ({
    worker: null,
    busy: false,
  }));
  let stopped = false;
  const first = await start(0);
  slots[0]!.worker = first;

  async function compute(request: StageRequest): Promise<Outcome> {
    const index = slots.findIndex(({ busy }) => !busy);
    const slot = slots[index];
    if (!slot) throw new Error(`more stages than the ${workers} workers were given to this executor`);
    if (stopped) return { type: 'stopped' };
    slot.busy = true;
    try {
      if (!slot.worker || slot.worker.ended) slot.worker = await start(index);
      if (stopped) return { type: 'stopped' };
      return await slot.worker.compute(request, () => stopped);
    } finally {
      slot.busy = false;
    }
  }

  return {
    engine: first.engine,
    workers,
    compute,
    stop() {
      stopped = true;
      for (const { worker } of slots) worker?.post({ type: 'stop' });
    },
    close() {
      stopped = true;
      for (const { worker } of slots) worker?.kill();
    },
  };
}

function environment(slot: number, workers: number, gpus: number): Record<string, string> {
  if (gpus > 0) return { CUDA_VISIBLE_DEVICES: String(slot % gpus) };
  if (workers === 1) return {};
  const threads = String(Math.max(1, Math.floor(cpus().length / workers)));
  return { TF_NUM_INTRAOP_THREADS: threads, TF_NUM_INTEROP_THREADS: threads, OMP_NUM_THREADS: threads };
}
