import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { Mm1Error } from '../../../errors.js';
import { databaseFile } from '../../../store/place.js';
import { Store } from '../../../store/store.js';
import { counted } from '../../../units.js';
import { type Slurm, SlurmAway, slurmCommands } from './commands.js';
import { batchOf, Spool, spoolFolder } from './spool.js';

/**
 * Cancels the jobs of a run, known by their names, and tells a head that waits for them.
 * @returns what was done, in words
 * @throws Mm1Error E_RUN where there is no such run, E_SLURM where it was never given to Slurm, or Slurm does not answer
 */
export async function cancelRun(runsFolder: string, idOrLatest: string, slurm: Slurm = slurmCommands): Promise<string> {
  const store = Store.openReadOnly(databaseFile(runsFolder));
  let id: string;
  try {
    id = store.run(idOrLatest).id;
  } finally {
    store.close();
  }
  const folder = resolve(spoolFolder(runsFolder, id));
  if (!existsSync(folder)) {
    throw new Mm1Error(`run ${id} was never given to Slurm`, {
      code: 'E_SLURM',
      where: runsFolder,
      remedy: 'A run on this machine is stopped with Ctrl-C, or by ending its process.',
    });
  }
  new Spool(folder).isCancelled = true;
  try {
    const own = (await slurm.queue()).filter(({ name }) => batchOf(id, name) !== null);
    await slurm.cancel([...new Set(own.map(({ job }) => job))]);
    return `cancelled ${counted(own.length, 'task')} of run ${id}; the same "mm1 ablate" goes on with it`;
  } catch (error) {
    if (!(error instanceof SlurmAway)) throw error;
    throw new Mm1Error(`Slurm's controller does not answer: ${error.message}`, {
      code: 'E_SLURM',
      remedy: `See "scontrol ping", and say it again once it answers. Jobs of the run are named mm1-${id}-*.`,
    });
  }
}
