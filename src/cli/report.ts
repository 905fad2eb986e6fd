import { Command, Option } from 'commander';
import { databaseFile } from '../store/place.js';
import { bold } from './bold.js';

interface ReportOptions {
  readonly run: string;
  readonly format: 'table' | 'json';
  readonly runsDir: string;
}

/** `mm1 report`: prints one run's results, finished or not. */
export function reportCommand(): Command {
  return new Command('report')
    .description("print a run's results with their uncertainty, also while it is at work")
    .option('--run <id>', 'run to report, or "latest"', 'latest')
    .addOption(new Option('--format <format>', 'how to print it').choices(['table', 'json']).default('table'))
    .option('--runs-dir <folder>', "folder of the runs' record", 'runs')
    .action(printReport);
}

async function printReport({ run, format, runsDir }: ReportOptions): Promise<void> {
  const [{ Store }, { readRun }, { summarise }] = await Promise.all([
    import('../store/store.js'),
    import('../report/observations.js'),
    import('../report/results.js'),
  ]);
  const store = Store.openReadOnly(databaseFile(runsDir));
  try {
    const report = summarise(readRun(store, run));
    if (format === 'json') {
      const { renderJson } = await import('../report/json.js');
      process.stdout.write(renderJson(report));
    } else {
      const { renderTables } = await import('../report/table.js');
      const width = process.stdout.columns || 80;
      process.stdout.write(renderTables(report, { width, heading: bold }));
    }
  } finally {
    store.close();
  }
}
