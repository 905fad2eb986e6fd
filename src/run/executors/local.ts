import type { Gpu } from '../../engine/gpus.js';
import { Mm1Error } from '../../errors.js';
import { bytesText } from '../../units.js';
import { isCrash } from '../stage-fault.js';
import { devicesOf, type Workers } from '../workers.js';
import type { Executor, Outcome, StageRequest } from './executor.js';
import { sharedClock } from './shared-clock.js';
import { startWorker, type WorkerProcess } from './worker-process.js';

/** Where workers run, and how many. */
export interface LocalOptions extends Workers {
  /** Folder that workers keep compiled programs in. */
  readonly programs: string;
  /** Told which GPUs are left out, and which are not idle. */
  readonly note: (text: string) => void;
}

/** A place for one worker. */
interface Slot {
  readonly gpu: Gpu | null;
  readonly clock: ReturnType<typeof sharedClock>;
  worker: WorkerProcess | null;
  busy: boolean;
  /** Stages that crashed here. */
  crashes: number;
  /** Whether no worker starts here any more. */
  lost: boolean;
}

/** Part of a GPU's memory in use before anything starts that is worth a word. */
const IN_USE = 0.1;

/**
 * Worker processes of this machine. The first is started at once, the others when they are needed; one that died is replaced, where another
 * place is free on a device that has failed less. Of GPUs worker i has the i-th, modulo their number; one on which no worker starts is left
 * out. Side by side on one processor each has all the cores, and the system divides them: with fewer threads sums of products would be
 * taken in another order, and numbers would hang on how many workers there are.
 * @throws Mm1Error E_WORKER where no engine can be opened
 */
export async function localExecutor({ programs, workers, gpus, note }: LocalOptions): Promise<Executor> {
  const clocks = Array.from({ length: Math.max(1, gpus.length) }, () => sharedClock());
  const slots = Array.from({ length: workers }, (_, i): Slot => {
    const gpu = gpus[i % gpus.length] ?? null;
    return { gpu, clock: clocks[i % clocks.length]!, worker: null, busy: false, crashes: 0, lost: false };
  });
  for (const { name, used, memory } of gpus.slice(0, workers)) {
    if (used > IN_USE * memory) note(`${name}: ${bytesText(used)} of ${bytesText(memory)} are in use already`);
  }
  let stopped = false;
  /** Told when a place may have become free. */
  let freed: (() => void)[] = [];

  /** A place with a worker in it, taken; null where none is left, or ever will be. */
  async function take(): Promise<Slot | null> {
    for (;;) {
      const usable = slots.filter(({ lost }) => !lost);
      const [slot] = usable.filter(({ busy }) => !busy).sort((a, b) => a.crashes - b.crashes);
      if (!slot) {
        if (usable.length === 0) return null;
        await new Promise<void>((resolve) => freed.push(resolve));
        continue;
      }
      slot.busy = true;
      try {
        if (!slot.worker || slot.worker.ended) slot.worker = await startWorker({ programs, gpu: slot.gpu });
        return slot;
      } catch (error) {
        release(slot);
        if (!slot.gpu || !(error instanceof Mm1Error)) throw error;
        slot.lost = true;
        if (slots.every(({ lost }) => lost)) throw error;
        note(`${slot.gpu.name} is left out: ${error.message}`);
      }
    }
  }

  function release(slot: Slot): void {
    slot.busy = false;
    const waiting = freed;
    freed = [];
    for (const tell of waiting) tell();
  }

  async function compute(request: StageRequest): Promise<Outcome> {
    if (stopped) return { type: 'stopped' };
    const slot = await take();
    if (!slot) return { type: 'failed', fault: { code: 'E_GPU', message: 'no GPU is left', stack: null }, log: '' };
    try {
      if (stopped) return { type: 'stopped' };
      const shareOf = slot.clock.begin();
      request.onStart();
      const outcome = await slot.worker!.compute(request, () => stopped);
      const share = shareOf();
      if (outcome.type === 'failed' && isCrash(outcome.fault)) {
        slot.worker!.kill(); // what is left of it computes nothing more
        slot.worker = null;
        slot.crashes++;
      }
      return outcome.type === 'done' ? { ...outcome, share } : outcome;
    } finally {
      release(slot);
    }
  }

  const first = await take();
  release(first!);
  return {
    engine: first!.worker!.engine,
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
