import { isOutOfMemory } from '../engine/faults.js';
import { Mm1Error } from '../errors.js';

/** Why a stage failed. */
export interface StageFault {
  /** `E_DIVERGED`, `E_MEMORY`, `E_KILLED`, `E_HUNG`, `E_WORKER`, `E_GPU` and the like; E_BUG for what nobody foresaw. */
  readonly code: string;
  readonly message: string;
  /** Where a person cannot mend it: the stack. */
  readonly stack: string | null;
}

const CRASHES: readonly string[] = ['E_KILLED', 'E_HUNG', 'E_WORKER', 'E_GPU'];

/** Whether it was the machine's, and may not happen again: a bug, a divergence or a want of memory would. */
export const isCrash = ({ code }: StageFault): boolean => CRASHES.includes(code);

/** What CUDA and its libraries say where a GPU does not answer, or not rightly. */
const GPU_FAILED = /CUDA_ERROR_\w+|CU(?:BLAS|DNN|SOLVER|FFT|SPARSE)_STATUS_\w+|cudaError\w+|GPU is lost/;

/** What a file system says where there is no room, or none that may be written. */
const NO_ROOM: readonly unknown[] = ['ENOSPC', 'EDQUOT', 'EROFS'];

function hasNoRoom(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return NO_ROOM.includes((error as NodeJS.ErrnoException).code) || hasNoRoom(error.cause);
}

/** Tells what was thrown in a stage apart, for whoever decides whether it is tried again. */
export function faultOf(error: unknown): StageFault {
  if (hasNoRoom(error)) {
    const cause = error instanceof Mm1Error ? error.message : String(error);
    return { code: 'E_DISK', message: `the disk is full, or cannot be written: ${cause}`, stack: null };
  }
  if (error instanceof Mm1Error) return { code: error.code, message: error.format(), stack: null };
  const { message, stack } = error instanceof Error ? error : new Error(String(error));
  if (isOutOfMemory(error)) return { code: 'E_MEMORY', message: `no memory left: ${message}`, stack: null };
  if (GPU_FAILED.test(message)) return { code: 'E_GPU', message: `the GPU failed: ${message}`, stack: null };
  return { code: 'E_BUG', message, stack: stack ?? null };
}
