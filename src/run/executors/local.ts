import { cpus } from 'node:os';
import type { Executor, Outcome, StageRequest } from './executor.js';
import { startWorker, type WorkerProcess } from './worker-process.js';

/** Threads up to which the engine comes to the same numbers with any number of them; with 8 it does not. */
const SAME_NUMBERS = 2;

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
 * Side by side on one processor, each has its share of the cores. Where that changes no number, one that has all of them takes its
 * place for a stage that asks for all, and makes room again for the next that does not.
 * @throws Mm1Error E_WORKER where no engine can be opened
 */
export async function localExecutor({ programs, workers, gpus }: LocalOptions): Promise<Executor> {
  const parts = gpus > 0 ? Math.max(1, workers / gpus) : workers;
  const start = (slot: number, share: number) =>
    startWorker({ programs, env: gpus > 0 ? gpuOf(slot, gpus) : coresOf(share), share });
  const slots: { worker: WorkerProcess | null; busy: boolean }[] = Array.from({ length: workers }, () => ({
    worker: null,
    busy: false,
  }));
  const canHaveAll = gpus === 0 && cpus().length <= SAME_NUMBERS;
  let stopped = false;
  const first = await start(0, 1 / parts);
  slots[0]!.worker = first;

  async function compute(request: StageRequest): Promise<Outcome> {
    const index = slots.findIndex(({ busy }) => !busy);
    const slot = slots[index];
    if (!slot) throw new Error(`more stages than the ${workers} workers were given to this executor`);
    if (stopped) return { type: 'stopped' };
    slot.busy = true;
    try {
      const share = canHaveAll && request.cores === 'all' ? 1 : 1 / parts;
      if (slot.worker && !slot.worker.ended && request.cores !== 'either' && slot.worker.share !== share) {
        slot.worker.kill();
        slot.worker = null;
      }
      if (!slot.worker || slot.worker.ended) slot.worker = await start(index, share);
      if (stopped) return { type: 'stopped' };
      return await slot.worker.compute(request, () => stopped);
    } finally {
      slot.busy = false;
    }
  }

  return {
    engine: first.engine,
    workers,
    devices: Math.max(1, Math.min(workers, gpus)),
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

const gpuOf = (slot: number, gpus: number) => ({ CUDA_VISIBLE_DEVICES: String(slot % gpus) });

/** What tells TensorFlow how many threads it has: as many as there are cores, where it is told nothing. */
function coresOf(share: number): Record<string, string> {
  if (share === 1) return {};
  const threads = String(Math.max(1, Math.floor(cpus().length * share)));
  return { TF_NUM_INTRAOP_THREADS: threads, TF_NUM_INTEROP_THREADS: threads, OMP_NUM_THREADS: threads };
}
