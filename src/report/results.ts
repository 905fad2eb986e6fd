import type { Axis, Design, EvaluationSpec, Exclusion } from '../config/plan.js';
import type { Scalar } from '../config/recipe.js';
import type { TaskGroup } from '../config/tasks.js';
import type { Provenance, TrialStatus } from '../store/rows.js';
import { compareVariants, type VariantScore } from './compare.js';
import { dataLine } from './data-line.js';
import { type Effect, effectOf } from './effects.js';
import { type MeanName, meanMeasures } from './means.js';
import { type DrawnMixture, drawnMixtures } from './mixtures.js';
import { type Measure, measures, type RunRecord } from './observations.js';
import { variantNumber } from './settings.js';
import { standIns } from './stand-ins.js';

/** What was measured, at one number of shots. */
export interface ReportedMeasure {
  readonly shots: number;
  readonly lowerIsBetter: boolean;
  /** What answering without knowledge scores. */
  readonly chance: number;
  /** Whether any variant beats chance and all of its controls: where none does, nothing can be read off its numbers. */
  readonly beaten: boolean;
  /** Best first, those without a finished trial left out. */
  readonly variants: readonly VariantScore[];
  /** In the order of the axes. */
  readonly effects: readonly Effect[];
}

/** A task's metric. */
export interface ReportedTask extends ReportedMeasure {
  readonly task: string;
  readonly group: TaskGroup;
  readonly metric: string;
  readonly items: number;
  /** Number of seeds with which demonstrations were drawn; values are means over them. */
  readonly demonstrationSeeds: number;
}

/** The unweighted mean over tasks. */
export interface ReportedMean extends ReportedMeasure {
  readonly mean: MeanName;
  readonly averaged: readonly { readonly task: string; readonly metric: string }[];
  /** Tasks of the same groups that are in no mean. */
  readonly leftOut: readonly { readonly task: string; readonly metric: string }[];
}

export interface ReportedTrial {
  readonly seed: number;
  readonly status: TrialStatus;
  readonly seconds: number | null;
  readonly error: string | null;
}

export interface ReportedVariant {
  /** Its place in the grid's own order, counted from 1. */
  readonly number: number;
  readonly key: string;
  readonly settings: Readonly<Record<string, Scalar>>;
  readonly trials: readonly ReportedTrial[];
}

export interface ReportedRun {
  readonly id: string;
  readonly name: string;
  readonly question: string | null;
  readonly status: string;
  readonly scale: string;
  readonly engine: Provenance['engine'];
  readonly seeds: readonly number[];
  readonly evaluation: EvaluationSpec;
  readonly startedAt: string;
  readonly finishedAt: string | null;
  readonly design: Design;
  readonly exclusions: readonly Exclusion[];
  /** Seconds of its stages, one after the other: as planned, null where nobody planned; and of those that it computed. */
  readonly stageSeconds: { readonly planned: number | null; readonly computed: number };
  /** Where training data came from, kind by kind, in one line. */
  readonly data: string;
  /** What the scale's names stand for. */
  readonly standIns: string;
  readonly trials: Readonly<Record<TrialStatus | 'planned', number>>;
  readonly provenance: Provenance;
}

/** All that a report says: `mm1 report --format json` prints this. */
export interface Report {
  readonly run: ReportedRun;
  readonly axes: readonly Axis[];
  /** In the grid's own order. */
  readonly variants: readonly ReportedVariant[];
  /** In the order of the run's own evaluation. */
  readonly tasks: readonly ReportedTask[];
  /** By number of shots. */
  readonly means: readonly ReportedMean[];
  /** What trainings drew, mixture by mixture. */
  readonly mixtures: readonly DrawnMixture[];
}

/** Sums up a run, finished or not: what there is of it. */
export function summarise(record: RunRecord): Report {
  const { axes } = record.run;
  const measured = measures(record);
  return {
    run: reportedRun(record),
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
      ...reportedMeasure({ observed, ...rest }, axes),
    })),
    means: meanMeasures(measured).map(({ mean, shots, averaged, leftOut, ...measure }) => ({
      ...{ mean, shots, averaged: averaged.map(named), leftOut: leftOut.map(named) },
      ...reportedMeasure(measure, axes),
    })),
    mixtures: drawnMixtures(record.stages),
  };
}

function named({ task, metric }: { readonly task: string; readonly metric: string }) {
  return { task, metric };
}

function reportedMeasure(measure: Measure, axes: readonly Axis[]): Omit<ReportedMeasure, 'shots'> {
  const { lowerIsBetter, chance } = measure;
  const variants = compareVariants(measure);
  return {
    ...{ lowerIsBetter, chance },
    beaten: variants.some(({ beats }) => beats === true),
    variants,
    effects: axes.map((axis) => effectOf(axis, measure)),
  };
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
