import { existsSync, readdirSync, statSync } from 'node:fs';
import { Argument, Command } from 'commander';
import { usage } from '../errors.js';
import { databaseFile } from '../store/place.js';
import type { Store } from '../store/store.js';
import { bytesText, counted } from '../units.js';

const KINDS = ['tensorboard', 'csv', 'weights', 'study'] as const;

interface Options {
  readonly run: string;
  readonly output: string;
  readonly variant?: string;
  readonly seed?: string;
  readonly runsDir: string;
}

/** `mm1 export`: a run for other tools. */
export function exportCommand(): Command {
  return new Command('export')
    .description(
      "Write a run's losses and scores for TensorBoard, or as CSV that other trackers import; a trained variant's weights in " +
        "Hugging Face's layout with a model card; or a study: a small database of some runs, from which report makes every table.",
    )
    .addArgument(new Argument('<what>').choices(KINDS))
    .requiredOption('--output <path>', 'folder to write, empty or new; of a study a file, to which its runs are added')
    .option('--run <id>', 'run to export, or "latest"; of a study several, joined by commas', 'latest')
    .option('--variant <variant>', "of weights: the variant's number (#), key or settings")
    .option('--seed <number>', "of weights: the trial's seed; the first that finished where left out")
    .option('--runs-dir <folder>', "folder of the runs' record", 'runs')
    .action(async (what: (typeof KINDS)[number], options: Options) => {
      const { output, run, runsDir } = options;
      if (what === 'study') {
        process.stdout.write(await study(run, output, runsDir));
        return;
      }
      if (existsSync(output) && readdirSync(output).length > 0) {
        throw usage(
          '--output',
          `${output} is not empty`,
          'Name a folder that is new or empty: nothing is written over.',
        );
      }
      const { Store } = await import('../store/store.js');
      const store = Store.openReadOnly(databaseFile(runsDir));
      try {
        const text = what === 'weights' ? await weights(store, options) : await series(store, run, what, output);
        process.stdout.write(`${text}\n`);
      } finally {
        store.close();
      }
    });
}

async function study(runs: string, output: string, runsDir: string): Promise<string> {
  const [{ Store }, { copyRuns }] = await Promise.all([import('../store/store.js'), import('../store/copy-runs.js')]);
  const file = databaseFile(runsDir);
  const store = Store.openReadOnly(file);
  let ids: string[];
  try {
    ids = runs.split(',').map((run) => store.run(run.trim()).id);
  } finally {
    store.close();
  }
  copyRuns(file, output, ids);
  return `${output}: ${counted(ids.length, 'run')}, ${bytesText(statSync(output).size)}. To look: mm1 report --db ${output} --run ${ids[0]}\n`;
}

async function series(store: Store, run: string, what: 'tensorboard' | 'csv', output: string): Promise<string> {
  const [{ readRun }, { trialSeries }, { exportCsv, exportTensorboard }] = await Promise.all([
    import('../report/observations.js'),
    import('../report/export/trial-series.js'),
    import('../report/export/folders.js'),
  ]);
  const record = readRun(store, run);
  const trials = trialSeries(store, record);
  if (what === 'csv') return `${exportCsv(output, trials)} trials: ${output}/trials.csv and metrics.csv`;
  const count = exportTensorboard(output, trials, Date.parse(record.run.startedAt) / 1000);
  return `${count} trials. To look: tensorboard --logdir ${output}`;
}

async function weights(store: Store, { run, variant, seed, output, runsDir }: Options): Promise<string> {
  const [
    { readRun },
    { findVariant },
    { trainedVariant },
    { exportWeights },
    { summarise },
    { modelCard },
    { openEngine },
  ] = await Promise.all([
    import('../report/observations.js'),
    import('../report/find-variant.js'),
    import('../run/trained-variant.js'),
    import('../run/export-weights.js'),
    import('../report/results.js'),
    import('../report/model-card.js'),
    import('../engine/index.js'),
  ]);
  if (seed !== undefined && !/^\d+$/.test(seed))
    throw usage('--seed', 'a seed is a whole number', 'Write it so: --seed 0');
  const record = readRun(store, run);
  const row = findVariant(record.variants, variant);
  const trained = trainedVariant(store, record.run, row, runsDir, seed === undefined ? undefined : Number(seed));
  await openEngine();
  await exportWeights(trained, output, modelCard(summarise(record), row.index + 1, trained.seed));
  return `${output}: language_model, encoder, connector, recipe.json, README.md`;
}
