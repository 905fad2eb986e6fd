import { Command } from 'commander';
import { Mm1Error } from '../errors.js';
import { databaseFile } from '../store/place.js';
import { bold } from './bold.js';

interface Options {
  readonly json?: boolean;
  readonly db?: string;
  readonly runsDir: string;
}

/** `mm1 compare RUN RUN...`: is the same variant the same in several runs, within noise? */
export function compareCommand(): Command {
  return new Command('compare')
    .description('Say of every variant that runs have in common whether it scores the same in each, within noise.')
    .argument('<runs...>', 'ids of runs, the first of which the others are compared with')
    .option('--json', 'print JSON')
    .option('--db <file>', 'a database by itself, for instance a study, in place of that of the runs folder')
    .option('--runs-dir <folder>', "folder of the runs' record", 'runs')
    .action(async (runs: string[], { json, db, runsDir }: Options) => {
      if (runs.length < 2) {
        throw new Mm1Error('one run alone cannot be compared', {
          code: 'E_USAGE',
          remedy: 'Give two ids or more: "mm1 runs" lists them.',
          status: 2,
        });
      }
      const [{ Store }, { readRun }, { compareRuns }, { comparisonSections }, { sectionText }, { renderJson }] =
        await Promise.all([
          import('../store/store.js'),
          import('../report/observations.js'),
          import('../report/compare-runs.js'),
          import('../report/compare-sections.js'),
          import('../report/section.js'),
          import('../report/json.js'),
        ]);
      const store = Store.openReadOnly(db ?? databaseFile(runsDir));
      try {
        const compared = compareRuns(runs.map((run) => readRun(store, run)));
        const options = { width: process.stdout.columns || 80, heading: bold };
        const text = () =>
          `${comparisonSections(compared)
            .map((section) => sectionText(section, options))
            .join('\n\n')}\n`;
        process.stdout.write(json ? renderJson(compared) : text());
      } finally {
        store.close();
      }
    });
}
