import { cpus, totalmem } from 'node:os';
import type { Plan } from '../config/plan.js';
import { loadTokenizer } from '../data/tokenizer/index.js';
import { type Gpu, visibleGpus } from '../engine/gpus.js';
import type { EngineName } from '../engine/index.js';
import { readInstallation } from '../engine/installation.js';
import { variantSize } from '../plan/peak-memory.js';

/** How many stages are computed side by side, and on what. */
export interface Workers {
  readonly workers: number;
  /** GPUs that the engine computes on; none where the processor computes. */
  readonly gpus: readonly Gpu[];
}

/**
 * Workers that fill a processor better than one: small models leave much of its second core idle. The 9 trials of a shortened
 * connector.yaml took 226 s with one worker on two cores and 204 s with two.
 */
const ON_PROCESSOR = 2;
/** Part of the machine's memory that the largest variant may take for two workers to be safe: encoders and language models train beside it. */
const SMALL = 1 / 8;

/**
 * Says how many stages are computed side by side where nobody does: one a GPU, and on a processor one, or two where it has the cores and, by
 * the plan, the memory for both. wasm has one thread, and one worker.
 * @param asked number that the person asked for
 */
export function workersFor(plan: Pick<Plan, 'variants'>, engine: EngineName, asked?: number): Workers {
  const gpus = gpusOf(engine);
  const workers = asked ?? (gpus.length || (engine === 'tensorflow' && hasRoom(plan) ? ON_PROCESSOR : 1));
  return { workers, gpus };
}

/** Number of devices that workers have between them: GPUs, or the one processor. */
export const devicesOf = ({ workers, gpus }: Workers): number => Math.max(1, Math.min(workers, gpus.length));

function hasRoom({ variants }: Pick<Plan, 'variants'>): boolean {
  if (cpus().length < ON_PROCESSOR) return false;
  const vocabulary = loadTokenizer().vocabularySize;
  return variants.every(({ recipe }) => variantSize(recipe, vocabulary).memory < totalmem() * SMALL);
}

/** GPUs that the engine computes on. */
function gpusOf(engine: EngineName): Gpu[] {
  const found = engine === 'tensorflow' ? readInstallation() : null;
  return found && 'build' in found && found.build === 'cuda' ? visibleGpus() : [];
}
