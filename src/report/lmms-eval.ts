import type { VariantRow } from '../store/rows.js';
import { compareVariants, type VariantScore } from './compare.js';
import { meanOf, measures, type Observation, type RunRecord, type TaskMeasure } from './observations.js';
import { variantNumber } from './settings.js';
import { variance } from './statistics/descriptive.js';

/** Metrics of one task, named as lm-eval names them: `metric,filter` and `metric_stderr,filter`. */
export type TaskResults = Readonly<Record<string, number | string>>;

/**
 * One variant's results in the form that lm-evaluation-harness writes as results_*.json, and lmms-eval after it: what
 * their table makers and others' readers of that file ask for.
 *
 * A file of theirs has one number of shots a task. Here a task asked with shots is an entry of its own behind the name
 * of the task: `world-count` is asked without, `world-count_4shot` with 4. The filter `none` stands for the task as it
 * is asked; `blind` and `shuffled` are its controls. Values are in mm1's units: accuracy in percent, CIDEr-D times 100.
 */
export interface LmmsEvalResults {
  readonly results: Readonly<Record<string, TaskResults>>;
  readonly configs: Readonly<Record<string, unknown>>;
  /** Version of each task: mm1's. */
  readonly versions: Readonly<Record<string, string>>;
  readonly 'n-shot': Readonly<Record<string, number>>;
  readonly higher_is_better: Readonly<Record<string, Readonly<Record<string, boolean>>>>;
  readonly 'n-samples': Readonly<Record<string, { readonly original: number; readonly effective: number }>>;
  readonly config: Readonly<Record<string, unknown>>;
  readonly git_hash: string | null;
  /** When the run began, in seconds since 1970. */
  readonly date: number;
}

/** The results of every variant of which a trial has finished, by its key. */
export function lmmsEvalOfRun(record: RunRecord): Readonly<Record<string, LmmsEvalResults>> {
  const compared = comparedMeasures(record);
  const all = record.variants.map((variant) => [variant.key, resultsFile(record, compared, variant)] as const);
  return Object.fromEntries(all.filter(([, { results }]) => Object.keys(results).length > 0));
}

/** The results of one variant; empty where no trial of it has finished. */
export function lmmsEvalOf(record: RunRecord, variant: VariantRow): LmmsEvalResults {
  return resultsFile(record, comparedMeasures(record), variant);
}

/** A task's metric, with every variant's score. */
interface ComparedMeasure {
  readonly measure: TaskMeasure;
  readonly scores: readonly VariantScore[];
}

function comparedMeasures(record: RunRecord): ComparedMeasure[] {
  return measures(record).map((measure) => ({ measure, scores: compareVariants(measure) }));
}

/** A task at one number of shots, as one variant did it. */
interface Entry {
  readonly name: string;
  readonly measure: TaskMeasure;
  readonly score: VariantScore;
  /** Whether any variant of the run beats its controls. */
  readonly beaten: boolean;
}

function resultsFile(record: RunRecord, compared: readonly ComparedMeasure[], variant: VariantRow): LmmsEvalResults {
  const { run } = record;
  const entries = compared.flatMap(({ measure, scores }): Entry[] => {
    const score = scores.find((each) => each.variant === variantNumber(variant));
    if (!score) return [];
    return [{ name: entryName(measure), measure, score, beaten: scores.some(({ beats }) => beats === true) }];
  });
  const byName = <Value>(of: (entry: Entry) => Value) =>
    Object.fromEntries(entries.map((entry) => [entry.name, of(entry)]));
  return {
    results: byName((entry) => resultsOf(entry, variant)),
    configs: byName((entry) => configOf(entry, record)),
    versions: byName(() => run.provenance.mm1),
    'n-shot': byName(({ measure }) => measure.shots),
    higher_is_better: byName(({ measure }) => ({ [metricName(measure)]: !measure.lowerIsBetter })),
    'n-samples': byName(({ measure: { items } }) => ({ original: items, effective: items })),
    config: {
      model: 'mm1',
      model_args: Object.entries(variant.settings)
        .map(([path, value]) => `${path}=${value}`)
        .join(','),
      device: run.provenance.engine.device,
      limit: run.evaluation.items,
      bootstrap_iters: 0,
      run: run.id,
      variant: variant.key,
      scale: run.scale,
      seeds: run.seeds,
      demonstration_seeds: demonstrationSeeds(run.evaluation.demonstration_seeds),
      recipe: variant.recipe,
    },
    git_hash: run.provenance.commit,
    date: Date.parse(run.startedAt) / 1000,
  };
}

function entryName({ task, shots }: TaskMeasure): string {
  return shots === 0 ? task : `${task}_${shots}shot`;
}

/** `VQA accuracy` as `vqa_accuracy`: a comma would end the name. */
function metricName({ metric }: TaskMeasure): string {
  return metric.toLowerCase().replaceAll(/[^a-z0-9]+/g, '_');
}

function resultsOf({ measure, score }: Entry, { id }: VariantRow): TaskResults {
  const metric = metricName(measure);
  const results: Record<string, number | string> = { alias: measure.task };
  const filters = { none: 'asked', blind: 'blind', shuffled: 'shuffled' } as const;
  for (const [filter, condition] of Object.entries(filters)) {
    const own = measure.observed[condition].filter(({ variant }) => variant.id === id);
    const value = condition === 'asked' ? score : score[condition];
    if (!value) continue;
    results[`${metric},${filter}`] = value.mean;
    // A string is what lm-eval itself writes where a metric has none.
    results[`${metric}_stderr,${filter}`] = itemsError(own) ?? 'N/A';
  }
  return results;
}

/** Standard error over items alone, each its mean over the seeds: what the harnesses mean by it. */
function itemsError(observations: readonly Observation[]): number | null {
  const items = meanOf(observations.map(({ answers }) => answers[0]!));
  return items.length > 1 ? Math.sqrt(variance(items) / items.length) : null;
}

function configOf({ measure, score, beaten }: Entry, { run }: RunRecord): unknown {
  const { task, group, shots, metric, lowerIsBetter, chance } = measure;
  const source = run.evaluation.tasks.find(({ name }) => name === task)?.source;
  return {
    task,
    tag: group,
    ...(source === undefined ? {} : { dataset_path: source.source }),
    num_fewshot: shots,
    metric_list: [{ metric: metricName(measure), higher_is_better: !lowerIsBetter }],
    metadata: {
      version: run.provenance.mm1,
      metric,
      chance,
      beats_controls: score.beats,
      note: beaten ? null : 'no variant beats its controls',
      seeds: score.values.map(({ seed }) => seed),
      demonstration_seeds: demonstrationSeeds(measure.demonstrationSeeds),
    },
  };
}

function demonstrationSeeds(count: number): number[] {
  return Array.from({ length: count }, (_, seed) => seed);
}
