import { Command, Option } from 'commander';
import { Mm1Error } from '../errors.js';
import type { RunRecord } from '../report/observations.js';
import { databaseFile } from '../store/place.js';
import { bold } from './bold.js';

const FORMATS = ['table', 'json', 'lmms-eval'] as const;

interface ReportOptions {
  readonly run: string;
  readonly format: (typeof FORMATS)[number];
  readonly variant?: string;
  readonly runsDir: string;
}

/** `mm1 report`: prints one run's results, finished or not. */
export function reportCommand(): Command {
  return new Command('report')
    .description("print a run's results with their uncertainty, also while it is at work")
    .option('--run <id>', 'run to report, or "latest"', 'latest')
    .addOption(
      new Option('--format <format>', 'how to print it; lmms-eval: the JSON of lmms-eval and lm-evaluation-harness')
        .choices(FORMATS)
        .default('table'),
    )
    .option('--variant <variant>', 'of lmms-eval: one variant alone, by its number (#), key or settings')
    .option('--runs-dir <folder>', "folder of the runs' record", 'runs')
    .action(printReport);
}

async function printReport({ run, format, variant, runsDir }: ReportOptions): Promise<void> {
  if (variant !== undefined && format !== 'lmms-eval') {
    throw new Mm1Error('a variant is named for lmms-eval alone', {
      code: 'E_USAGE',
      where: '--variant',
      remedy: 'Add --format lmms-eval, or look at the variant with "mm1 show".',
      status: 2,
    });
  }
  const [{ Store }, { readRun }] = await Promise.all([
    import('../store/store.js'),
    import('../report/observations.js'),
  ]);
  const store = Store.openReadOnly(databaseFile(runsDir));
  try {
    process.stdout.write(await rendered(readRun(store, run), format, variant));
  } finally {
    store.close();
  }
}

async function rendered(record: RunRecord, format: ReportOptions['format'], variant?: string): Promise<string> {
  const { renderJson } = await import('../report/json.js');
  if (format === 'lmms-eval') {
    const [{ lmmsEvalOf, lmmsEvalOfRun }, { findVariant }] = await Promise.all([
      import('../report/lmms-eval.js'),
      import('../report/find-variant.js'),
    ]);
    if (variant === undefined) return renderJson(lmmsEvalOfRun(record));
    return renderJson(lmmsEvalOf(record, findVariant(record.variants, variant)));
  }
  const { summarise } = await import('../report/results.js');
  const report = summarise(record);
  if (format === 'json') return renderJson(report);
  const { renderTables } = await import('../report/table.js');
  return renderTables(report, { width: process.stdout.columns || 80, heading: bold });
}
