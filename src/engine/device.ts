import { execFileSync } from 'node:child_process';
import { cpus } from 'node:os';

/** Model of the processor, as the system names it. */
export function cpuName(): string {
  return cpus()[0]?.model.trim() || process.arch;
}

/** Name of the first NVIDIA GPU that nvidia-smi lists, or null. */
export function gpuName(): string | null {
  return gpuNames()[0] ?? null;
}

/** Names of the NVIDIA GPUs that nvidia-smi lists: none where there is no such program. */
export function gpuNames(): string[] {
  try {
    const names = execFileSync('nvidia-smi', ['--query-gpu=name', '--format=csv,noheader'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    return names
      .split('\n')
      .map((name) => name.trim())
      .filter(Boolean);
  } catch {
    return [];
  }
}
