import { hashOf } from '../config/hash.js';
import type { Recipe } from '../config/recipe.js';
import { WORLD_SKILLS } from '../config/tasks.js';
import { GRADES, type Grade } from '../data/world/vocabulary.js';
import { inSharedCells } from './company.js';
import { groupedBy, type Observation, poolOf, type TaskMeasure } from './observations.js';
import type { Comparison } from './statistics/comparison.js';
import { conceptsOf } from './statistics/crossed.js';
import { mean } from './statistics/descriptive.js';
import { type Estimate, estimate } from './statistics/estimate.js';
import { holm } from './statistics/multiple-tests.js';
import { compareSamples, sampleOfVariants } from './variants-sample.js';

/** How pictures are shown: at a resolution, and with no more detail than at a smaller one. */
export interface Look {
  /** Pixels of a picture's side. */
  readonly resolution: number;
  /** Pixels that they were reduced to before; null where they were not. */
  readonly detail: number | null;
}

/** What is scored on one grade of detail, with pictures shown in one way: a mean over variants, seeds and items. */
export interface GradeScore extends Look, Estimate {
  readonly task: string;
  readonly shots: number;
  readonly grade: Grade;
  readonly items: number;
}

/** Two looks compared on one grade, over the variants that differ in nothing else, paired by seed and item. */
export interface GradePair extends Comparison {
  readonly task: string;
  readonly shots: number;
  readonly grade: Grade;
  /** The one that scores better stands first; the difference is what it scores more. */
  readonly looks: readonly [Look, Look];
  /** p by Holm among all pairs of looks of the task's grade. */
  readonly holm: number;
}

/** Skills of the world by grade of detail and by how pictures are shown. */
export interface GradeReport {
  readonly scores: readonly GradeScore[];
  readonly pairs: readonly GradePair[];
}

/** @param itemsOf ids of a task's items, of which each names its grade, and what each is about */
export function gradesOf(
  measures: readonly TaskMeasure[],
  itemsOf: (task: string) => { readonly items: readonly string[]; readonly concepts: readonly string[] },
): GradeReport {
  const all = measures.flatMap((measure) => (isSkill(measure) ? gradesOfTask(measure, itemsOf(measure.task)) : []));
  return { scores: all.flatMap(({ scores }) => scores), pairs: all.flatMap(({ pairs }) => pairs) };
}

const isSkill = ({ task }: TaskMeasure) => WORLD_SKILLS.some((skill) => task === `world-${skill}`);

function gradesOfTask(
  { task, shots, observed }: TaskMeasure,
  { items, concepts }: { readonly items: readonly string[]; readonly concepts: readonly string[] },
): GradeReport[] {
  const known = observed.asked.filter(({ answers }) => answers[0]!.length === items.length);
  const grades = items.map((id) => GRADES.find((grade) => id.split('/').includes(grade)));
  return GRADES.flatMap((grade): GradeReport[] => {
    const places = grades.flatMap((each, i) => (each === grade ? [i] : []));
    if (places.length === 0) return [];
    const about = conceptsOf(places.map((i) => concepts[i] ?? items[i]!));
    const graded = known.map((own) => onPlaces(own, places));
    const pool = poolOf(graded, lookKey);
    const of = (own: readonly Observation[]) => sampleOfVariants(own, { concepts: [about] }, pool);
    const byLook = [...groupedBy(graded, lookKey).values()];
    const common = { task, shots, grade };
    const scores = byLook.map(
      (own): GradeScore => ({ ...common, ...lookOfTrial(own[0]!), items: places.length, ...estimate(of(own)) }),
    );
    const found = byLook.flatMap((first, i) =>
      byLook.slice(i + 1).flatMap((second): Omit<GradePair, 'holm'>[] => {
        const [a, b] = inSharedCells(first, second, cellOf);
        if (a.length === 0) return [];
        const [one, other] = [of(a), of(b)];
        const swap = mean(one.values) < mean(other.values);
        const compared = swap ? compareSamples(other, one, pool) : compareSamples(one, other, pool);
        if (!compared) return [];
        const looks = [lookOfTrial(a[0]!), lookOfTrial(b[0]!)] as const;
        return [{ ...common, looks: swap ? [looks[1], looks[0]] : looks, ...compared }];
      }),
    );
    const adjusted = holm(found.map(({ p }) => p));
    return [{ scores, pairs: found.map((pair, i) => ({ ...pair, holm: adjusted[i]! })) }];
  });
}

/** How a recipe shows pictures. */
export function lookOf({ encoder: { resolution }, data: { detail = resolution } }: Recipe): Look {
  return { resolution, detail: detail < resolution ? detail : null };
}

const lookOfTrial = ({ variant: { recipe } }: Observation): Look => lookOf(recipe);

const lookKey = (observation: Observation): string => JSON.stringify(lookOfTrial(observation));

/** All of a recipe that is not how pictures are shown. */
function restOf({ encoder, data, ...recipe }: Recipe): string {
  return hashOf({ ...recipe, encoder: { ...encoder, resolution: null }, data: { ...data, detail: null } });
}

const cellOf = ({ variant, seed }: Observation): string => `${seed} ${restOf(variant.recipe)}`;

/** An observation of some of its items. */
function onPlaces(observation: Observation, places: readonly number[]): Observation {
  const answers = Float64Array.from(places, (i) => observation.answers[0]![i]!);
  return { ...observation, value: mean(answers), answers: [answers] };
}
