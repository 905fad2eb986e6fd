import type { EvaluationSpec } from '../config/recipe.js';
import type { ItemValue, StoreReader } from '../store/reader.js';
import type { RunRow, ScoreRow, StageRow, TrialRow, VariantRow } from '../store/rows.js';

/** What a report reads of one run. */
export interface RunRecord {
  readonly run: RunRow;
  readonly variants: readonly VariantRow[];
  readonly trials: readonly TrialRow[];
  readonly scores: readonly (ScoreRow & { readonly trialId: number })[];
  readonly items: readonly ItemValue[];
  readonly stages: readonly StageRow[];
}

/** The value of one finished trial, and of each of its items. */
export interface Observation {
  readonly variant: VariantRow;
  readonly seed: number;
  readonly score: ScoreRow;
  /** Value by item, in the unit of the score. */
  readonly items: ReadonlyMap<string, number>;
}

/** All that was observed of one task's metric at one number of shots. */
export interface Measure {
  readonly task: string;
  readonly shots: number;
  readonly metric: string;
  readonly image: readonly Observation[];
  readonly blind: readonly Observation[];
}

/**
 * Reads one run.
 *
 * @throws Mm1Error E_RUN_NOT_FOUND when there is no such run, with the nearest ids
 */
export function readRun(store: StoreReader, idOrLatest: string): RunRecord {
  const run = store.run(idOrLatest);
  // Trials come first: one that finishes while this reads has rows, but is not yet done here, and is left out whole.
  const trials = store.trials(run.id);
  return {
    run,
    trials,
    variants: store.variants(run.id),
    scores: store.scores(run.id),
    items: store.itemValues(run.id),
    stages: store.stages(run.id),
  };
}

/** Sorts the scores of finished trials by what they measure, in the order of the run's own evaluation. */
export function measures(record: RunRecord): Measure[] {
  const variants = new Map(record.variants.map((variant) => [variant.id, variant]));
  const done = new Map(record.trials.filter(({ status }) => status === 'done').map((trial) => [trial.id, trial]));
  const items = new Map<string, Map<string, number>>();
  for (const row of record.items) {
    const key = observationKey(row);
    const values = items.get(key) ?? new Map<string, number>();
    items.set(key, values.set(row.item, row.value));
  }
  const found = new Map<
    string,
    { task: string; shots: number; metric: string; image: Observation[]; blind: Observation[] }
  >();
  for (const score of record.scores) {
    const trial = done.get(score.trialId);
    const variant = trial && variants.get(trial.variantId);
    if (!variant) continue;
    const { task, shots, metric } = score;
    const key = JSON.stringify([task, shots, metric]);
    const measure = found.get(key) ?? { task, shots, metric, image: [], blind: [] };
    found.set(key, measure);
    measure[score.condition].push({
      variant,
      seed: trial.seed,
      score,
      items: items.get(observationKey(score)) ?? new Map(),
    });
  }
  return inOrder([...found.values()], record.run.evaluation);
}

function observationKey(row: Omit<ItemValue, 'item' | 'value'>): string {
  return JSON.stringify([row.trialId, row.task, row.shots, row.metric, row.condition]);
}

function inOrder(found: Measure[], { tasks, shots }: EvaluationSpec): Measure[] {
  const names: readonly string[] = tasks;
  return found.sort(
    (a, b) =>
      names.indexOf(a.task) - names.indexOf(b.task) ||
      shots.indexOf(a.shots) - shots.indexOf(b.shots) ||
      a.metric.localeCompare(b.metric, 'en'),
  );
}
