import { WORLD_SKILLS } from '../config/tasks.js';
import { GRADES, type Grade } from '../data/world/vocabulary.js';
import type { TaskMeasure } from './observations.js';
import { groupedBy } from './observations.js';
import { mean } from './statistics/descriptive.js';

/** What is scored on one grade of detail, at one resolution: a mean over variants, seeds and items. */
export interface GradeScore {
  readonly task: string;
  readonly shots: number;
  readonly grade: Grade;
  /** Pixels of a picture's side. */
  readonly resolution: number;
  readonly mean: number;
  readonly items: number;
}

/** Skills of the world by grade of detail and resolution: an item's id names its grade. */
export function gradesOf(measures: readonly TaskMeasure[], itemsOf: (task: string) => readonly string[]): GradeScore[] {
  return measures.flatMap(({ task, shots, observed: { asked } }) => {
    if (!WORLD_SKILLS.some((skill) => task === `world-${skill}`)) return [];
    const grades = itemsOf(task).map((id) => GRADES.find((grade) => id.split('/').includes(grade)));
    const known = asked.filter(({ answers }) => answers[0]!.length === grades.length);
    return [...groupedBy(known, ({ variant: { recipe } }) => recipe.encoder.resolution)].flatMap(([resolution, own]) =>
      GRADES.flatMap((grade): GradeScore[] => {
        const places = grades.flatMap((each, i) => (each === grade ? [i] : []));
        if (places.length === 0) return [];
        const values = own.flatMap(({ answers }) => places.map((i) => answers[0]![i]!));
        return [{ task, shots, grade, resolution, mean: mean(values), items: places.length }];
      }),
    );
  });
}
