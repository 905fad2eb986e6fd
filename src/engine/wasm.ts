import { processor } from './device.js';
import type { EngineKind } from './engine.js';
import { turnBeforeMultiplying } from './wasm-matmul.js';

/** Kernels are replaced once a process. */
let prepared = false;

/**
 * tfjs's WebAssembly backend: always there, with files of its own package alone. In Node it computes on one thread, by its own design.
 */
export const wasm: EngineKind = {
  name: 'wasm',

  missing: () => null,

  async open() {
    const tf = await import('@tensorflow/tfjs-core');
    await import('@tensorflow/tfjs-layers'); // registers the gradients, which the core's own Node bundle leaves out
    const { version_wasm } = await import('@tensorflow/tfjs-backend-wasm');
    if (!prepared) turnBeforeMultiplying(tf);
    prepared = true;
    if (!(await tf.setBackend('wasm'))) throw new Error('the wasm backend does not start');
    return { name: 'wasm', version: version_wasm, ...processor() };
  },
};
