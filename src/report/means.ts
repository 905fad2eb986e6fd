import type { TaskGroup } from '../config/tasks.js';
import type { Condition } from '../store/rows.js';
import { groupedBy, type Measure, type Observation, type TaskMeasure } from './observations.js';
import { mean } from './statistics/descriptive.js';

/** The means that variants are compared by: MM1's own is over captions and questions together. */
const MEANS = {
  mm1: ['captioning', 'vqa'],
  captioning: ['captioning'],
  vqa: ['vqa'],
  textcore: ['textcore'],
} as const satisfies Record<string, readonly TaskGroup[]>;

export type MeanName = keyof typeof MEANS;

/** Means that variants are chosen by, of which every two variants are compared: the first that a run has decides. */
export const DECIDING_MEANS = ['mm1', 'textcore'] as const satisfies readonly MeanName[];

/** The mean that decides, at the fewest shots; none of a run whose tasks are in neither. */
export function decidingMean<Named extends { readonly mean: MeanName }>(means: readonly Named[]): Named | undefined {
  for (const name of DECIDING_MEANS) {
    const found = means.find(({ mean }) => mean === name);
    if (found) return found;
  }
  return undefined;
}

/** The unweighted mean over the tasks of some groups at one number of shots. */
export interface MeanMeasure extends Measure {
  readonly mean: MeanName;
  readonly shots: number;
  readonly averaged: readonly TaskMeasure[];
  /** Tasks of the groups whose metric is no share of right answers: lower is better, as of bits per byte. */
  readonly leftOut: readonly TaskMeasure[];
}

/** Whether a task asks about concepts that training never showed: such tasks stand apart, and in no mean. */
export function isUnseen(task: string): boolean {
  return task.endsWith('-unseen');
}

/** Every mean over at least one task, by number of shots. */
export function meanMeasures(measures: readonly TaskMeasure[]): MeanMeasure[] {
  const seen = measures.filter(({ task }) => !isUnseen(task));
  const shots = [...new Set(seen.map((measure) => measure.shots))].sort((a, b) => a - b);
  return shots.flatMap((count) =>
    Object.entries(MEANS).flatMap(([name, groups]: [string, readonly TaskGroup[]]) => {
      const own = seen.filter((measure) => measure.shots === count && groups.includes(measure.group));
      const averaged = own.filter(({ lowerIsBetter }) => !lowerIsBetter);
      if (averaged.length === 0) return [];
      const leftOut = own.filter(({ lowerIsBetter }) => lowerIsBetter);
      return [{ mean: name as MeanName, shots: count, leftOut, averaged, ...meanOver(averaged) }];
    }),
  );
}

function meanOver(averaged: readonly TaskMeasure[]): Measure {
  const observed = (condition: Condition): Observation[] => {
    const all = averaged.flatMap((measure) => measure.observed[condition]);
    const byTrial = groupedBy(all, ({ variant, seed }) => JSON.stringify([variant.id, seed]));
    // A mean over fewer tasks is another one.
    const whole = [...byTrial.values()].filter((each) => each.length === averaged.length);
    return whole.map((each) => ({
      variant: each[0]!.variant,
      seed: each[0]!.seed,
      value: mean(each.map(({ value }) => value)),
      answers: each.flatMap(({ answers }) => answers),
    }));
  };
  return {
    lowerIsBetter: false,
    chance: mean(averaged.map(({ chance }) => chance)),
    concepts: averaged.flatMap(({ concepts }) => concepts),
    observed: { asked: observed('asked'), blind: observed('blind'), shuffled: observed('shuffled') },
  };
}
