import { dirname, join } from 'node:path';
import { Command, Option } from 'commander';
import { usage } from '../errors.js';
import type { RunRecord } from '../report/observations.js';
import { cacheFolder, databaseFile } from '../store/place.js';
import type { Store } from '../store/store.js';
import { bold } from './bold.js';
import { beginOutput } from './output-file.js';

const FORMATS = ['table', 'markdown', 'csv', 'json', 'latex', 'html', 'lmms-eval'] as const;

interface ReportOptions {
  readonly run: string;
  readonly format: (typeof FORMATS)[number];
  readonly output?: string;
  readonly open?: boolean;
  readonly margin?: string;
  readonly variant?: string;
  readonly db?: string;
  readonly runsDir: string;
}

/** `mm1 report`: prints one run's results, finished or not. */
export function reportCommand(): Command {
  return new Command('report')
    .description("print a run's verdict and results with their uncertainty, also while it is at work")
    .option('--run <id>', 'run to report, or "latest"', 'latest')
    .addOption(
      new Option(
        '--format <format>',
        'how to print it; html: one page with figures; lmms-eval: the JSON of lmms-eval and lm-evaluation-harness',
      )
        .choices(FORMATS)
        .default('table'),
    )
    .option('--output <file>', 'file to write in place of the terminal (html: default RUNS/ID.html)')
    .option('--open', 'of html: show it in the browser')
    .option('--margin <points>', 'difference that does not matter', '2')
    .option('--variant <variant>', 'of lmms-eval: one variant alone, by its number (#), key or settings')
    .option('--db <file>', 'a database by itself, for instance a study, in place of that of the runs folder')
    .option('--runs-dir <folder>', "folder of the runs' record", 'runs')
    .action(printReport);
}

async function printReport(options: ReportOptions): Promise<void> {
  const { run, format, variant, db, open } = options;
  // What belongs to a database by itself lies beside it.
  const runsDir = db === undefined ? options.runsDir : dirname(db);
  if (variant !== undefined && format !== 'lmms-eval') {
    throw usage('--variant', 'a variant is named for lmms-eval alone', 'Add --format lmms-eval, or use "mm1 show".');
  }
  if (open && format !== 'html') throw usage('--open', 'only a page is opened', 'Add --format html.');
  const margin = Number(options.margin);
  if (!(margin > 0)) throw usage('--margin', 'a margin is a number of points above 0', 'Write it so: --margin 2');
  const [{ Store }, { readRun }] = await Promise.all([
    import('../store/store.js'),
    import('../report/observations.js'),
  ]);
  const store = Store.openReadOnly(db ?? databaseFile(runsDir));
  try {
    const path = options.output ?? (format === 'html' ? join(runsDir, `${store.run(run).id}.html`) : undefined);
    const output = path === undefined ? null : beginOutput(path);
    try {
      const text = await rendered(store, readRun(store, run), { ...options, runsDir, margin });
      if (!output || path === undefined) {
        process.stdout.write(text);
        return;
      }
      output.write(text);
      process.stdout.write(`${path}\n`);
      if (open) await (await import('open')).default(path);
    } finally {
      output?.abandon();
    }
  } finally {
    store.close();
  }
}

async function rendered(
  store: Store,
  record: RunRecord,
  { format, variant, runsDir, margin }: Omit<ReportOptions, 'margin'> & { readonly margin: number },
): Promise<string> {
  if (format === 'lmms-eval') {
    const [{ lmmsEvalOf, lmmsEvalOfRun }, { findVariant }, { renderJson }] = await Promise.all([
      import('../report/lmms-eval.js'),
      import('../report/find-variant.js'),
      import('../report/json.js'),
    ]);
    if (variant === undefined) return renderJson(lmmsEvalOfRun(record));
    return renderJson(lmmsEvalOf(record, findVariant(record.variants, variant)));
  }
  const { summarise } = await import('../report/results.js');
  const report = summarise(record, margin);
  if (format === 'html') {
    const { renderPage } = await import('../report/page/page.js');
    return renderPage({ store, record, report, cache: cacheFolder(runsDir) });
  }
  const { FORMS } = await import('../report/forms/index.js');
  return FORMS[format](report, { width: process.stdout.columns || 80, heading: bold });
}
