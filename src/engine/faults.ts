import { Mm1Error } from '../errors.js';

/** What a device said went wrong, once it has: nothing that it computed since counts. */
let fault: { readonly code: string; readonly message: string } | null = null;

/** Keeps the first fault that a device tells of; by then the code that asked for it has long gone on. */
export function reportFault(code: 'E_GPU' | 'E_MEMORY', message: string): void {
  fault ??= { code, message };
}

/** Whether the device has told of a fault. */
export const hasFailed = (): boolean => fault !== null;

/**
 * Sees that the device has told of no fault. Training asks at every step, and a stage before it is done.
 * @throws Mm1Error E_GPU or E_MEMORY: this process computes nothing more
 */
export function assertSound(): void {
  if (!fault) return;
  const remedy =
    fault.code === 'E_MEMORY'
      ? 'Take a smaller scale, a smaller batch or more training.accumulate.'
      : 'The stage is tried again in another process; if it fails there too, see whether the driver is current.';
  throw new Mm1Error(`the GPU failed: ${fault.message}`, { code: fault.code, remedy });
}

/** What Node and TensorFlow say where an allocation fails, on a GPU too. */
const OUT_OF_MEMORY =
  /Array buffer allocation failed|OOM when allocating|RESOURCE_EXHAUSTED|[Oo]ut of memory|bad_alloc|CUDA_ERROR_OUT_OF_MEMORY|CU[A-Z]+_STATUS_ALLOC_FAILED/;

/** Whether memory failed, the processor's or a GPU's. */
export const isOutOfMemory = (error: unknown): boolean => error instanceof Error && OUT_OF_MEMORY.test(error.message);
