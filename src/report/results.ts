import { OF_TRIAL, type OwnSeed } from '../config/own-seed.js';
import type { Recipe } from '../config/recipe.js';
import type { TrialStatus } from '../store/rows.js';
import { axisAnova } from './axis-anova.js';
import { compareVariants } from './compare.js';
import { costsOf } from './costs.js';
import { dataLine } from './data-line.js';
import { effectsOf, type Grid } from './effects.js';
import { gradesOf } from './grades.js';
import { levelCosts } from './level-costs.js';
import { DECIDING_MEANS, decidingMean, meanMeasures } from './means.js';
import { drawnMixtures } from './mixtures.js';
import { type Measure, measures, type RunRecord } from './observations.js';
import { noiseOf, variantPairs } from './pairs.js';
import { besidePublished } from './published.js';
import { rateLaw } from './rate-law.js';
import type { Report, ReportedMeasure, ReportedRun } from './report.js';
import { variantNumber } from './settings.js';
import { standIns } from './stand-ins.js';
import type { LinearModel } from './statistics/anova.js';
import { leading, verdictOf } from './verdict.js';

/** Points below which a difference does not matter, where nobody says otherwise. */
export const MARGIN = 2;

/**
 * Sums up a run, finished or not: what there is of it.
 * @param margin points below which a difference does not matter
 */
export function summarise(record: RunRecord, margin = MARGIN): Report {
  const { axes, design } = record.run;
  const grid = { axes, design, variants: record.variants };
  const measured = measures(record);
  const models = new Map<string, LinearModel>();
  const known = onceOf<Omit<ReportedMeasure, 'shots'>>();
  const averages = meanMeasures(measured);
  const means = averages.map(({ mean, shots, averaged, leftOut, ...measure }) => ({
    ...{ mean, shots, averaged: averaged.map(named), leftOut: leftOut.map(named) },
    ...known(averaged, shots, () =>
      reportedMeasure(
        measure,
        grid,
        models,
        DECIDING_MEANS.some((name) => name === mean),
      ),
    ),
  }));
  const effects = new Map(means.flatMap((each) => (each.mean === 'mm1' ? [[each.shots, each.effects] as const] : [])));
  const costs = costsOf(record);
  const lead = decidingMean(averages) ?? measured[0];
  const report = {
    run: reportedRun(record),
    margin,
    axes,
    variants: record.variants.map((variant) => ({
      number: variantNumber(variant),
      key: variant.key,
      settings: variant.settings,
      trials: record.trials
        .filter(({ variantId }) => variantId === variant.id)
        .map(({ seed, status, seconds, error }) => ({ seed, status, seconds, error })),
    })),
    tasks: measured.map(({ observed, task, group, shots, metric, items, demonstrationSeeds, ...rest }) => ({
      ...{ task, group, shots, metric, items, demonstrationSeeds },
      ...reportedMeasure({ observed, ...rest }, grid, models, false),
    })),
    means,
    costs,
    grades: gradesOf(measured, (task) => record.taskItems.get(task) ?? { items: [], concepts: [] }),
    rateLaw: lead ? rateLaw(record, lead) : null,
    published: besidePublished(record, means, effects, margin),
    mixtures: drawnMixtures(record.stages),
  };
  const priced = { ...report, levelCosts: levelCosts(axes, leading(report)?.effects ?? [], report.variants, costs) };
  return { ...priced, verdict: verdictOf(priced, margin) };
}

/** Computes a mean once, however many names it has: of questions alone, MM1's is that of questions. */
function onceOf<Result>() {
  const computed = new Map<string, Result>();
  return (averaged: readonly { readonly task: string }[], shots: number, compute: () => Result): Result => {
    const name = JSON.stringify([shots, averaged.map(({ task }) => task)]);
    const result = computed.get(name) ?? compute();
    computed.set(name, result);
    return result;
  };
}

function named({ task, metric }: { readonly task: string; readonly metric: string }) {
  return { task, metric };
}

/** @param every whether every two variants are compared, or the best with each other */
function reportedMeasure(
  measure: Measure,
  grid: Grid,
  models: Map<string, LinearModel>,
  every: boolean,
): Omit<ReportedMeasure, 'shots'> {
  const { lowerIsBetter, chance } = measure;
  const variants = compareVariants(measure);
  const pairs = variantPairs(
    measure,
    variants.map(({ variant }) => variant),
    every,
  );
  return {
    ...{ lowerIsBetter, chance },
    beaten: variants.some(({ beats }) => beats === true),
    variants,
    effects: effectsOf(grid, measure),
    anova: axisAnova(grid.axes, grid.design, measure, models),
    pairs,
    noise: noiseOf(measure, pairs),
  };
}

/** What is trained once for all trial seeds, of any variant. */
function sharedTrainings(variants: RunRecord['variants']): string[] {
  const shared = (of: (recipe: Recipe) => { readonly seed?: OwnSeed | undefined }) =>
    variants.some(({ recipe }) => of(recipe).seed !== OF_TRIAL);
  return [
    ...(shared(({ encoder }) => encoder) ? ['encoder'] : []),
    ...(shared((recipe) => recipe.language_model) ? ['language model'] : []),
  ];
}

function reportedRun({ run, trials, stages, variants }: RunRecord): ReportedRun {
  const { id, name, question, status, scale, seeds, evaluation, startedAt, finishedAt, provenance } = run;
  const count = (wanted: TrialStatus) => trials.filter((trial) => trial.status === wanted).length;
  return {
    id,
    name,
    question,
    status,
    scale,
    engine: provenance.engine,
    seeds,
    sharedTrainings: sharedTrainings(variants),
    evaluation,
    startedAt,
    finishedAt,
    design: run.design,
    exclusions: run.exclusions,
    stageSeconds: {
      planned: run.plannedSeconds,
      computed: stages.reduce((sum, { cached, seconds: own }) => (cached ? sum : sum + own), 0),
    },
    data: dataLine(variants, stages),
    standIns: standIns(scale, variants),
    trials: {
      planned: trials.length,
      done: count('done'),
      failed: count('failed'),
      running: count('running'),
      pending: count('pending'),
    },
    provenance,
  };
}
