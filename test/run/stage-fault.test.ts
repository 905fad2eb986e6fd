import { expect, it } from 'vitest';
import { Mm1Error } from '../../src/errors.js';
import { faultOf, isCrash } from '../../src/run/stage-fault.js';

// Messages as TensorFlow, CUDA and Node write them.
it.each([
  ['E_GPU', true, 'INTERNAL: Failed to synchronize GPU stream: CUDA_ERROR_ILLEGAL_ADDRESS: an illegal memory access'],
  ['E_GPU', true, 'CUDA_ERROR_LAUNCH_FAILED: unspecified launch failure'],
  ['E_GPU', true, 'Attempting to perform BLAS operation: CUBLAS_STATUS_EXECUTION_FAILED'],
  ['E_GPU', true, 'Failed to load in-memory CUBIN: cudaErrorNoKernelImageForDevice'],
  ['E_MEMORY', false, 'Failed to allocate: CUDA_ERROR_OUT_OF_MEMORY: out of memory'],
  ['E_MEMORY', false, 'OOM when allocating tensor with shape[8,1024] and type float on GPU:0 by allocator GPU_0_bfc'],
  ['E_MEMORY', false, 'RESOURCE_EXHAUSTED: Out of memory while trying to allocate 8589934592 bytes.'],
  ['E_MEMORY', false, 'failed to create cublas handle: CUBLAS_STATUS_ALLOC_FAILED'],
  ['E_MEMORY', false, 'Array buffer allocation failed'],
  ['E_BUG', false, 'Cannot read properties of undefined'],
])('%s, tried again: %s, of "%s"', (code, again, message) => {
  const fault = faultOf(new Error(message));
  expect(fault.code).toBe(code);
  expect(isCrash(fault)).toBe(again);
  expect(fault.message).toContain(message);
  expect(fault.stack === null).toBe(code !== 'E_BUG');
});

it('a full disk is told apart however deep it lies, and what a person can mend keeps its code', () => {
  const full = Object.assign(new Error('write'), { code: 'ENOSPC' });
  expect(faultOf(new Error('cannot save', { cause: full })).code).toBe('E_DISK');
  expect(faultOf(new Mm1Error('no', { code: 'E_CONTEXT', remedy: 'Do.' })).code).toBe('E_CONTEXT');
});
