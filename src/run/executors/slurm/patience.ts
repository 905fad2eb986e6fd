import { setTimeout as sleep } from 'node:timers/promises';
import { Mm1Error } from '../../../errors.js';
import { SlurmAway } from './commands.js';

/** Milliseconds for which a controller that does not answer is waited for without a word. */
const PATIENCE = 20_000;

/** Asks until the controller answers; says so where that takes long. */
export async function patiently<Result>(
  ask: () => Promise<Result>,
  note: (text: string) => void,
  stopped: () => boolean,
): Promise<Result> {
  const started = performance.now();
  for (let wait = 500, told = false; ; wait = Math.min(2 * wait, 15_000)) {
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof SlurmAway)) throw error;
      if (stopped()) throw away(error);
      if (!told && performance.now() - started > PATIENCE) {
        note(`Slurm's controller does not answer (${error.message}); still waiting: jobs go on without it`);
        told = true;
      }
      await sleep(wait);
    }
  }
}

const away = (cause: Error) =>
  new Mm1Error(`Slurm's controller does not answer: ${cause.message}`, {
    code: 'E_SLURM',
    remedy: 'See how it stands with "scontrol ping"; the same command goes on once it answers.',
    cause,
  });
