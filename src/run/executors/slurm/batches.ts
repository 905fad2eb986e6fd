import { fileURLToPath } from 'node:url';
import type { SlurmSettings } from '../../../config/slurm.js';
import type { Engine } from '../../../engine/index.js';
import type { StageOrder } from '../executor.js';
import { batchScript } from './script.js';
import { type Batch, jobName, logFile } from './spool.js';

const CLI = fileURLToPath(new URL('../../../cli/main.js', import.meta.url));

/** Writes the scripts of a run's batches. @param root folder of its jobs */
export function scriptsOf(run: string, root: string, engine: Pick<Engine, 'name'>, settings: SlurmSettings) {
  return (batch: Batch, after: readonly string[]): string =>
    batchScript({
      name: jobName(run, batch.number),
      tasks: batch.keys.length,
      atOnce: settings.max_jobs ?? null,
      after,
      log: logFile(root, batch.number, '%a'),
      settings,
      environment: environmentOf(engine),
      command: [process.execPath, CLI, 'worker', root, String(batch.number)],
    });
}

/** What a task's engine goes by: that of the head. */
function environmentOf({ name }: Pick<Engine, 'name'>): Record<string, string> {
  const { MM1_COMPILE, NVIDIA_TF32_OVERRIDE } = process.env;
  return {
    MM1_ENGINE: name,
    ...(MM1_COMPILE !== undefined && { MM1_COMPILE }),
    ...(NVIDIA_TF32_OVERRIDE !== undefined && { NVIDIA_TF32_OVERRIDE }),
  };
}

/** Stages by the longest chain of others before them. @param orders parents before those that read them */
export function levelsOf<Order extends Pick<StageOrder, 'stage'>>(orders: readonly Order[]): Order[][] {
  const levels: Order[][] = [];
  const levelOf = new Map<string, number>();
  for (const order of orders) {
    const before = Object.values(order.stage.parents).map((key) => levelOf.get(key) ?? -1);
    const level = Math.max(-1, ...before) + 1;
    levelOf.set(order.stage.key, level);
    levels[level] ??= [];
    levels[level].push(order);
  }
  return levels;
}
