import { cpus, totalmem } from 'node:os';
import type { Engine } from './engine.js';

/** Model of the processor, as the system names it. */
export function cpuName(): string {
  return cpus()[0]?.model.trim() || process.arch;
}

/** The processor as a device that computes. */
export const processor = (): Pick<Engine, 'device' | 'gpu' | 'memory' | 'products'> => ({
  device: cpuName(),
  gpu: false,
  memory: totalmem(),
  products: 'fp32',
});
