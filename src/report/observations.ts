import type { EvaluationSpec } from '../config/recipe.js';
import { recipeSchema } from '../config/schema.js';
import { Mm1Error } from '../errors.js';
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
  const variants = store.variants(run.id);
  if (!variants.every(({ recipe }) => recipeSchema.safeParse(recipe).success)) throw otherVersion(run);
  return {
    run,
    trials,
    variants,
    scores: store.scores(run.id),
    items: store.itemValues(run.id),
    stages: store.stages(run.id),
  };
}

function otherVersion({ id, provenance }: RunRow): Mm1Error {
  return new Mm1Error("the run's recipes have other settings than this version of mm1 knows", {
    code: 'E_RUN_VERSION',
    where: `${id}, run by mm1 ${provenance.mm1}${provenance.commit ? `, commit ${provenance.commit.slice(0, 7)}` : ''}`,
    remedy: 'Report it with the version that ran it, or run its grid again.',
  });
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
