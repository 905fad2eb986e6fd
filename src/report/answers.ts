import { suggest } from '../config/nearest.js';
import { usage } from '../errors.js';
import type { AnswerRow, StoreReader } from '../store/reader.js';
import type { Condition, ItemScoreRow, VariantRow } from '../store/rows.js';
import { compareVariants, type VariantScore } from './compare.js';
import { findVariant } from './find-variant.js';
import { groupedBy, measures, type RunRecord, readRun, type TaskMeasure } from './observations.js';
import { variantNumber } from './settings.js';
import { mean } from './statistics/descriptive.js';

/** What a person asks to see. */
export interface AnswersQuery {
  /** The variant's number, key or settings; the only one where there is one alone. */
  readonly variant: string | undefined;
  readonly task: string;
  /** As typed; the fewest that were measured where nothing was. */
  readonly shots: string | undefined;
  readonly condition: Condition;
  /** Most items. */
  readonly limit: number;
  /** Best items first, in place of the worst. */
  readonly best: boolean;
}

/** One answer to an item. */
export interface Answer extends Pick<ItemScoreRow, 'demonstrationSeed' | 'demonstrationList' | 'output' | 'value'> {
  /** The trial's. */
  readonly seed: number;
}

/** One item, with what every finished trial of a variant answered. */
export interface ShownItem extends Pick<ItemScoreRow, 'item' | 'prompt' | 'references'> {
  /** Mean over the answers. */
  readonly value: number;
  readonly answers: readonly Answer[];
}

/** Demonstrations that stood before a shown item's prompt. */
export interface ShownDemonstrations extends Pick<ItemScoreRow, 'demonstrationSeed' | 'demonstrationList'> {
  readonly text: string;
}

export interface VariantName extends Pick<VariantRow, 'key' | 'settings'> {
  readonly number: number;
}

/** Items of one task as one variant answered them. */
export interface ShownAnswers extends Pick<TaskMeasure, 'task' | 'shots' | 'metric' | 'lowerIsBetter' | 'chance'> {
  readonly run: string;
  readonly variant: VariantName;
  readonly condition: Condition;
  /** The task's value. */
  readonly value: number;
  /** Number of items of the task. */
  readonly of: number;
  readonly first: 'worst' | 'best';
  readonly items: readonly ShownItem[];
  readonly demonstrations: readonly ShownDemonstrations[];
}

/** What one variant was asked. */
export interface AskedTasks {
  readonly run: string;
  readonly variant: VariantName;
  readonly tasks: readonly (Pick<TaskMeasure, 'task' | 'shots' | 'metric' | 'items'> & VariantScore)[];
}

/**
 * The tasks that a variant was asked, with what it scored.
 *
 * @throws Mm1Error E_RUN_NOT_FOUND for the run, E_USAGE for the variant
 */
export function readAsked(store: StoreReader, idOrLatest: string, variant: string | undefined): AskedTasks {
  const record = readRun(store, idOrLatest);
  const row = findVariant(record.variants, variant);
  const tasks = askedOf(measures(record), row).map(({ measure: { task, shots, metric, items }, score }) => ({
    ...{ task, shots, metric, items },
    ...score,
  }));
  return { run: record.run.id, variant: nameOf(row), tasks };
}

/**
 * Items of a task as a variant answered them, in the order of their scores.
 *
 * @throws Mm1Error E_RUN_NOT_FOUND for the run, E_USAGE for the variant, the task, its shots or its condition
 */
export function readAnswers(store: StoreReader, idOrLatest: string, query: AnswersQuery): ShownAnswers {
  const record = readRun(store, idOrLatest);
  const row = findVariant(record.variants, query.variant);
  const { measure, score } = find(askedOf(measures(record), row), query);
  const { task, shots, metric, lowerIsBetter, chance, items: of } = measure;
  const { condition, best, limit } = query;
  const value = condition === 'asked' ? score.mean : score[condition]?.mean;
  if (value === undefined) {
    throw usage('--condition', `${task} was not measured ${condition}`, 'Leave --condition out: it was asked.');
  }
  const asked = { variantId: row.id, task, shots, metric, condition };
  const rows = store.answers(asked, best === lowerIsBetter ? 'lowest' : 'highest', limit);
  return {
    run: record.run.id,
    variant: nameOf(row),
    ...{ task, shots, metric, lowerIsBetter, chance, condition, value, of },
    first: best ? 'best' : 'worst',
    items: [...groupedBy(rows, ({ item }) => item).values()].map(shownItem),
    demonstrations: demonstrationsOf(rows, record),
  };
}

function shownItem(answers: readonly AnswerRow[]): ShownItem {
  const { item, prompt, references } = answers[0]!;
  return {
    ...{ item, prompt, references },
    value: mean(answers.map(({ value }) => value)),
    answers: answers.map(({ seed, demonstrationSeed, demonstrationList, output, value }) => {
      return { seed, demonstrationSeed, demonstrationList, output, value };
    }),
  };
}

/** The lists that stood before the prompts, each once; none where there were no shots. */
function demonstrationsOf(rows: readonly AnswerRow[], { scores }: RunRecord): ShownDemonstrations[] {
  const lists = groupedBy(
    rows,
    ({ demonstrationSeed, demonstrationList }) => `${demonstrationSeed} ${demonstrationList}`,
  );
  return [...lists.values()].flatMap(([row]) => {
    const { task, shots, condition, demonstrationSeed, demonstrationList } = row!;
    const score = scores.find(
      (each) =>
        each.task === task &&
        each.shots === shots &&
        each.condition === condition &&
        each.demonstrationSeed === demonstrationSeed,
    );
    const text = score?.demonstrations[demonstrationList];
    return text === undefined ? [] : [{ demonstrationSeed, demonstrationList, text }];
  });
}

interface Asked {
  readonly measure: TaskMeasure;
  readonly score: VariantScore;
}

/** The measures of which a variant has a score. */
function askedOf(all: readonly TaskMeasure[], variant: VariantRow): Asked[] {
  const number = variantNumber(variant);
  return all.flatMap((measure) => {
    const score = compareVariants(measure).find((each) => each.variant === number);
    return score ? [{ measure, score }] : [];
  });
}

function find(asked: readonly Asked[], { task, shots }: AnswersQuery): Asked {
  if (asked.length === 0) throw usage('--variant', 'no trial of this variant has finished', 'Wait, or take another.');
  const own = asked.filter(({ measure }) => measure.task === task);
  if (own.length === 0) {
    const names = [...new Set(asked.map(({ measure }) => measure.task))];
    throw usage(
      '--task',
      `there is no task ${JSON.stringify(task)} in this run`,
      `Give a task: ${suggest(task, names)}`,
    );
  }
  const fewest = own.reduce((a, b) => (b.measure.shots < a.measure.shots ? b : a));
  const found = shots === undefined ? fewest : own.find(({ measure }) => String(measure.shots) === shots);
  if (found) return found;
  const counts = own.map(({ measure }) => String(measure.shots)).join(', ');
  throw usage('--shots', `${task} was not asked with ${JSON.stringify(shots)} shots`, `It was asked with ${counts}.`);
}

function nameOf(variant: VariantRow): VariantName {
  return { number: variantNumber(variant), key: variant.key, settings: variant.settings };
}
