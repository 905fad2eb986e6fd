import { devicesOf, type Workers } from '../workers.js';
import type { Executor, Outcome, StageRequest } from './executor.js';
import { sharedClock } from './shared-clock.js';
import { startWorker, type WorkerProcess } from './worker-process.js';

/** Where workers run, and how many. */
export interface LocalOptions extends Workers {
  /** Folder that workers keep compiled programs in. */
  readonly programs: string;
}

/**
 * Worker processes of this machine. The first is started at once, the others when they are needed; one that died is replaced.
 * Of GPUs worker i has the i-th, modulo their number. Side by side on one processor each has all the cores, and the system divides them: with fewer threads sums of products would be
 * taken in another order, and numbers would hang on how many workers there are.
 * @throws Mm1Error E_WORKER where no engine can be opened
 */
export async function localExecutor({ programs, workers, gpus }: LocalOptions): Promise<Executor> {
  const start = (slot: number) => startWorker({ programs, env: gpus > 0 ? gpuOf(slot, gpus) : {} });
  const slots: { worker: WorkerProcess | null; busy: boolean }[] = Array.from({ length: workers }, () => ({
    worker: null,
    busy: false,
  }));
  const clocks = Array.from({ length: Math.max(1, gpus) }, () => sharedClock());
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
      const shareOf = clocks[index % clocks.length]!.begin();
      const outcome = await slot.worker.compute(request, () => stopped);
      const share = shareOf();
      return outcome.type === 'done' ? { ...outcome, share } : outcome;
    } finally {
      slot.busy = false;
    }
  }

  return {
    engine: first.engine,
    workers,
    devices: devicesOf({ workers, gpus }),
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
