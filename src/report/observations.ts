import type { EvaluationSpec } from '../config/plan.js';
import { recipeSchema } from '../config/schema.js';
import type { TaskGroup } from '../config/tasks.js';
import { Mm1Error } from '../errors.js';
import type { StoreReader } from '../store/reader.js';
import type {
  Condition,
  RunRow,
  ScoreRow,
  StageRow,
  TaskItems,
  TrialRow,
  TrialScoreRow,
  VariantRow,
} from '../store/rows.js';
import { type Concepts, conceptsOf, type Sample } from './statistics/crossed.js';
import { mean } from './statistics/descriptive.js';
import { type SeedPool, seedPool } from './statistics/seed-pool.js';
import type { Part } from './statistics/spread.js';

/** What a report reads of one run. */
export interface RunRecord {
  readonly run: RunRow;
  readonly variants: readonly VariantRow[];
  readonly trials: readonly TrialRow[];
  readonly scores: readonly TrialScoreRow[];
  readonly taskItems: ReadonlyMap<string, TaskItems>;
  readonly stages: readonly StageRow[];
  /** Keys of the stages that each finished trial stands on; none where an older mm1 ran it. */
  readonly trialStages: ReadonlyMap<number, readonly string[]>;
}

/** The value of one finished trial, and of each of its items: means over the seeds of demonstrations. */
export interface Observation {
  readonly variant: VariantRow;
  readonly seed: number;
  readonly value: number;
  /** [tasks][items] each item's value, in the unit of the score, in one order for all; nothing where it was not recorded. */
  readonly answers: readonly Float64Array[];
}

/** What variants are compared by. */
export interface Measure {
  readonly lowerIsBetter: boolean;
  /** What answering without knowledge scores. */
  readonly chance: number;
  /** [tasks] what items are about. */
  readonly concepts: readonly Concepts[];
  /** A trial each; none under a condition that was not measured. */
  readonly observed: Readonly<Record<Condition, readonly Observation[]>>;
}

/** A task's metric at one number of shots. */
export interface TaskMeasure extends Measure {
  readonly task: string;
  readonly group: TaskGroup;
  readonly shots: number;
  readonly metric: string;
  /** Number of items. */
  readonly items: number;
  /** Number of seeds with which demonstrations were drawn. */
  readonly demonstrationSeeds: number;
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
    taskItems: store.taskItems(run.id),
    stages: store.stages(run.id),
    trialStages: store.trialStages(run.id),
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
export function measures(record: RunRecord): TaskMeasure[] {
  const done = new Set(record.trials.filter(({ status }) => status === 'done').map(({ id }) => id));
  const observe = observer(record);
  const rows = record.scores.filter(({ trialId }) => done.has(trialId));
  const concepts = memoised((task: string) => conceptsOf(record.taskItems.get(task)?.concepts ?? []));
  const found = [...groupedBy(rows, measureKey).values()].map((scores): TaskMeasure => {
    const { task, group, shots, metric, lowerIsBetter, items, chance } = scores[0]!;
    const observed = (condition: Condition) => {
      const own = scores.filter((score) => score.condition === condition);
      return [...groupedBy(own, ({ trialId }) => trialId).values()].map(observe);
    };
    return {
      ...{ task, group, shots, metric, lowerIsBetter, items, chance },
      concepts: [concepts(task)],
      demonstrationSeeds: new Set(scores.map(({ demonstrationSeed }) => demonstrationSeed)).size,
      observed: { asked: observed('asked'), blind: observed('blind'), shuffled: observed('shuffled') },
    };
  });
  return inOrder(found, record.run.evaluation);
}

/** Makes one observation of a trial's scores under one condition, a score for each seed of demonstrations. */
function observer(record: RunRecord): (scores: readonly TrialScoreRow[]) => Observation {
  const variants = new Map(record.variants.map((variant) => [variant.id, variant]));
  const trials = new Map(record.trials.map((trial) => [trial.id, trial]));
  return (scores) => {
    const { variantId, seed } = trials.get(scores[0]!.trialId)!;
    const value = mean(scores.map((score) => score.value));
    return {
      variant: variants.get(variantId)!,
      seed,
      value,
      answers: [meanOf(scores.map(({ itemValues }) => itemValues))],
    };
  };
}

/** Item by item the mean of some trials' or demonstrations' values. @param answers of as many items each */
export function meanOf(answers: readonly Float64Array[]): Float64Array {
  const [first, ...others] = answers;
  if (!first || others.length === 0) return first ?? new Float64Array();
  const sum = first.slice();
  for (const other of others) for (let i = 0; i < sum.length; i++) sum[i]! += other[i]!;
  return sum.map((value) => value / answers.length);
}

/**
 * What some trials' observations are to statistics: a seed each.
 * @param seedParts what seeds bring to the variance of their mean, where more is known of it than they say
 */
export function sampleOf(
  observations: readonly Observation[],
  { concepts }: Pick<Measure, 'concepts'>,
  seedParts?: readonly Part[],
): Sample {
  return {
    seedParts,
    values: observations.map(({ value }) => value),
    answers: observations.map(({ answers }) => answers),
    concepts,
  };
}

/** Both sides' observations of the seeds that both have, in one order. */
export function inCommon(a: readonly Observation[], b: readonly Observation[]): [Observation[], Observation[]] {
  const seeds = a.map(({ seed }) => seed).filter((seed) => b.some((other) => other.seed === seed));
  const pick = (side: readonly Observation[]) => seeds.map((seed) => side.find((each) => each.seed === seed)!);
  return [pick(a), pick(b)];
}

/**
 * How much seeds vary, pooled over variants, by the seeds that all of them have finished; null where these or variants are not two.
 * @param levelOf the level of what is compared, where it is not the variants themselves
 */
export function poolOf(
  observations: readonly Observation[],
  levelOf?: (observation: Observation) => unknown,
): SeedPool | null {
  const own = [...groupedBy(inWholeSeeds(observations), ({ variant }) => variant.id).values()];
  const values = own.map((each) => [...each].sort((a, b) => a.seed - b.seed).map(({ value }) => value));
  return seedPool(values, levelOf && own.map(([first]) => levelOf(first!)));
}

/** Observations of the seeds that have finished every variant of which anything has finished. */
export function inWholeSeeds(observations: readonly Observation[]): Observation[] {
  const variants = new Set(observations.map(({ variant }) => variant.id)).size;
  return [...groupedBy(observations, ({ seed }) => seed).values()].filter((own) => own.length === variants).flat();
}

function memoised<Key, Value>(make: (key: Key) => Value): (key: Key) => Value {
  const made = new Map<Key, Value>();
  return (key) => {
    const value = made.get(key) ?? make(key);
    made.set(key, value);
    return value;
  };
}

function measureKey({ task, shots, metric }: ScoreRow): string {
  return JSON.stringify([task, shots, metric]);
}

/** Values by their key, in the order of first appearance. */
export function groupedBy<Value, Key>(values: readonly Value[], keyOf: (value: Value) => Key): Map<Key, Value[]> {
  const groups = new Map<Key, Value[]>();
  for (const value of values) {
    const key = keyOf(value);
    const group = groups.get(key);
    if (group) group.push(value);
    else groups.set(key, [value]);
  }
  return groups;
}

function inOrder(found: TaskMeasure[], { tasks }: EvaluationSpec): TaskMeasure[] {
  const names = tasks.map(({ name }) => name);
  return found.sort(
    (a, b) =>
      names.indexOf(a.task) - names.indexOf(b.task) || a.shots - b.shots || a.metric.localeCompare(b.metric, 'en'),
  );
}
