import { Command } from 'commander';

interface WatchOptions {
  readonly run: string;
  readonly runsDir: string;
}

/** `mm1 watch`: follows a run that another process is at. */
export function watchCommand(): Command {
  return new Command('watch')
    .description('Follow a run from another terminal until it ends. Ctrl-C ends the watching, not the run.')
    .option('--run <id>', 'run to follow, or "latest"', 'latest')
    .option('--runs-dir <folder>', "folder of the runs' record", 'runs')
    .action(async ({ run, runsDir }: WatchOptions) => {
      const { watch } = await import('../run/watch.js');
      process.exitCode = await watch(runsDir, run, process.stdout);
    });
}
