import { Command } from 'commander';
import { bold } from './bold.js';

interface RunsOptions {
  readonly json?: boolean;
  readonly runsDir: string;
}

/** `mm1 runs`: all runs, newest first. */
export function runsCommand(): Command {
  return new Command('runs')
    .description('List all runs, newest first: how each stands, and how long it took.')
    .option('--json', 'print the same as JSON')
    .option('--runs-dir <folder>', "folder of the runs' record", 'runs')
    .action(async ({ json, runsDir }: RunsOptions) => {
      const [{ Store }, { databaseFile }, { listRuns, renderRuns }] = await Promise.all([
        import('../store/store.js'),
        import('../store/place.js'),
        import('../report/run-list.js'),
      ]);
      const store = Store.openReadOnly(databaseFile(runsDir));
      try {
        const runs = listRuns(store);
        process.stdout.write(json ? `${JSON.stringify(runs, null, 2)}\n` : renderRuns(runs, new Date(), bold));
      } finally {
        store.close();
      }
    });
}
