import { Command } from 'commander';

/** `mm1 cancel RUN`: takes a run's jobs out of Slurm, and no others. */
export function cancelCommand(): Command {
  return new Command('cancel')
    .description('Cancels the Slurm jobs of a run, and no others. The same "mm1 ablate" goes on with it later.')
    .argument('[run]', 'run, or latest', 'latest')
    .option('--runs-dir <folder>', 'folder of the database and the cache', 'runs')
    .action(async (run: string, { runsDir }: { runsDir: string }) => {
      const { cancelRun } = await import('../run/executors/slurm/cancel.js');
      process.stdout.write(`${await cancelRun(runsDir, run)}\n`);
    });
}
