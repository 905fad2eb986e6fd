import { execFileSync } from 'node:child_process';
import { cpus } from 'node:os';

/** Model of the processor, as the system names it. */
export function cpuName(): string {
  return cpus()[0]?.model.trim() || process.arch;
}

/** Name of the first NVIDIA GPU that nvidia-smi lists, or null. */
export function gpuName(): string | null {
  try {
    const names = execFileSync('nvidia-smi', ['--query-gpu=name', '--format=csv,noheader'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    return names.split('\n')[0]?.trim() || null;
  } catch {
    return null;
  }
}
