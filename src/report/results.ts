import type { Axis, Scalar } from '../config/recipe.js';
import type { Provenance, TrialStatus, VariantRow } from '../store/rows.js';
import { dataLine } from './data-line.js';
import { type Effect, effectOf } from './effects.js';
import { type DrawnMixture, drawnMixtures } from './mixtures.js';
import { type Measure, measures, type Observation, type RunRecord } from './observations.js';
import { standIns } from './stand-ins.js';
import { type Estimate, estimate } from './statistics.js';

/** One task's metric of one variant, in the metric's reported unit. */
export interface VariantScore extends Estimate {
  readonly task: string;
  readonly shots: number;
  readonly metric: string;
  /** Number of items that each trial's value is a mean of. */
  readonly items: number;
  /** What answering without knowledge scores. */
  readonly chance: number;
  /** What the same trials score with the picture taken away; null where that was not measured. */
  readonly blind: number | null;
  readonly blindLow: number | null;
  readonly blindHigh: number | null;
  /** Whether the interval with pictures lies above the one without. */
  readonly beatsBlind: boolean | null;
  readonly values: readonly { readonly seed: number; readonly value: number }[];
}

export interface ReportedTrial {
  readonly seed: number;
  readonly status: TrialStatus;
  readonly seconds: number | null;
  readonly error: string | null;
}

export interface ReportedVariant {
  readonly key: string;
  readonly settings: Readonly<Record<string, Scalar>>;
  readonly trials: readonly ReportedTrial[];
  /** Empty while no trial of the variant has finished. */
  readonly scores: readonly VariantScore[];
}

export interface ReportedRun {
  readonly id: string;
  readonly name: string;
  readonly question: string | null;
  readonly status: string;
  readonly scale: string;
  readonly engine: Provenance['engine'];
  readonly seeds: readonly number[];
  readonly startedAt: string;
  readonly finishedAt: string | null;
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
  readonly effects: readonly Effect[];
  /** What trainings drew, mixture by mixture. */
  readonly mixtures: readonly DrawnMixture[];
}

/** Sums up a run, finished or not: what there is of it. */
export function summarise(record: RunRecord): Report {
  const measured = measures(record);
  const { axes } = record.run;
  return {
    run: reportedRun(record),
    axes,
    variants: record.variants.map((variant) => ({
      key: variant.key,
      settings: variant.settings,
      trials: record.trials
        .filter(({ variantId }) => variantId === variant.id)
        .map(({ seed, status, seconds, error }) => ({ seed, status, seconds, error })),
      scores: measured.flatMap((measure) => variantScore(variant, measure)),
    })),
    effects: measured.flatMap((measure) => axes.map((axis) => effectOf(axis, measure))),
    mixtures: drawnMixtures(record.stages),
  };
}

function reportedRun({ run, trials, stages, variants }: RunRecord): ReportedRun {
  const { id, name, question, status, scale, seeds, startedAt, finishedAt, provenance } = run;
  const count = (wanted: TrialStatus) => trials.filter((trial) => trial.status === wanted).length;
  return {
    id,
    name,
    question,
    status,
    scale,
    engine: provenance.engine,
    seeds,
    startedAt,
    finishedAt,
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

/** One score, or none where the variant has no finished trial. */
function variantScore(variant: VariantRow, { task, shots, metric, image, blind }: Measure): VariantScore[] {
  const seen = image.filter((observation) => observation.variant.id === variant.id);
  const [first] = seen;
  if (!first) return [];
  const score = estimateOf(seen);
  const unseen = blind.filter((observation) => observation.variant.id === variant.id);
  const without = unseen.length === 0 ? null : estimateOf(unseen);
  const { items, chance } = first.score;
  return [
    {
      task,
      shots,
      metric,
      ...score,
      items,
      chance,
      blind: without?.mean ?? null,
      blindLow: without?.low ?? null,
      blindHigh: without?.high ?? null,
      beatsBlind: score.low === null || without?.high == null ? null : score.low > without.high,
      values: seen.map(({ seed, score: { value } }) => ({ seed, value })),
    },
  ];
}

function estimateOf(observations: readonly Observation[]): Estimate {
  return estimate(
    observations.map(({ score }) => score.value),
    [...observations[0]!.items.values()],
  );
}
