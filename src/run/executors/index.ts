import type { Plan } from '../../config/plan.js';
import type { SlurmSettings } from '../../config/slurm.js';
import { chooseEngine } from '../../engine/index.js';
import { measureEngine } from '../../engine/survey.js';
import { Mm1Error } from '../../errors.js';
import { cacheFolder } from '../../store/place.js';
import { workersFor } from '../workers.js';
import type { Executor } from './executor.js';
import { localExecutor } from './local.js';
import { slurmExecutor } from './slurm/index.js';

/** What every executor may be opened by. */
export interface ExecutorAsked {
  readonly plan: Plan;
  readonly runsFolder: string;
  /** Stages side by side, where the person said. */
  readonly workers?: number;
  readonly slurm?: SlurmSettings;
  readonly force?: boolean;
  readonly note: (text: string) => void;
}

/** Executors by the name that the command line gives them. */
export const EXECUTORS = {
  local: ({ plan, runsFolder, workers, note }: ExecutorAsked): Promise<Executor> =>
    localExecutor({ programs: cacheFolder(runsFolder), ...workersFor(plan, chooseEngine().name, workers), note }),

  async slurm({ plan, runsFolder, slurm, force, note }: ExecutorAsked): Promise<Executor> {
    const settings = { ...plan.slurm, ...slurm };
    const found = await measureEngine(chooseEngine().name);
    if ('error' in found) {
      const remedy = 'Run "mm1 engine" to see what this machine can compute with: its jobs compute with the same.';
      throw new Mm1Error(`the engine does not open: ${found.error}`, { code: 'E_WORKER', remedy });
    }
    const engine = { ...found.engine, device: `Slurm${settings.partition ? `, partition ${settings.partition}` : ''}` };
    return slurmExecutor({ runsFolder, engine, settings, note, ...(force && { force }) });
  },
} as const;

export type ExecutorName = keyof typeof EXECUTORS;
