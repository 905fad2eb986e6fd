import { Command } from 'commander';
import { usage } from '../errors.js';

/** `mm1 worker`: what a job of a cluster runs; nobody types it. */
export function workerCommand(): Command {
  return new Command('worker')
    .description('Computes one stage of a run that was given to Slurm: what its jobs run.')
    .argument('<spool>', "folder of the run's jobs")
    .argument('<batch>', 'number of the job array')
    .option('--task <number>', "number of the array's task, in place of Slurm's own")
    .action(async (spool: string, batch: string, { task = process.env.SLURM_ARRAY_TASK_ID }: { task?: string }) => {
      if (task === undefined || !/^\d+$/.test(task) || !/^\d+$/.test(batch))
        throw usage(
          'mm1 worker',
          'batch and task are whole numbers',
          'Slurm sets SLURM_ARRAY_TASK_ID; --task takes its place.',
        );
      const { slurmTask } = await import('../run/executors/slurm/task.js');
      process.exit(await slurmTask(spool, Number(batch), Number(task)));
    });
}
