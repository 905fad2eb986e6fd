import type { Axis, Design, EvaluationSpec, Exclusion } from '../config/plan.js';
import type { Scalar } from '../config/recipe.js';
import type { TaskGroup } from '../config/tasks.js';
import type { Provenance, TrialStatus } from '../store/rows.js';
import type { AxisAnova } from './axis-anova.js';
import type { VariantScore } from './compare.js';
import type { VariantCost } from './costs.js';
import type { Effect } from './effects.js';
import type { GradeReport } from './grades.js';
import type { LevelCost } from './level-costs.js';
import type { MeanName } from './means.js';
import type { DrawnMixture } from './mixtures.js';
import type { Noise, VariantPair } from './pairs.js';
import type { Published } from './published.js';
import type { RateLaw } from './rate-law.js';

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
  /** Null where there is nothing to compare with. */
  readonly anova: AxisAnova | null;
  /** Every two variants of MM1's mean and TextCore's; of other measures, and of many variants, the best with each other. */
  readonly pairs: readonly VariantPair[];
  readonly noise: Noise;
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
  /** Trainings that all trial seeds of a variant have in common: no interval holds their luck. */
  readonly sharedTrainings: readonly string[];
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
  /** What a person can act on, a sentence each. */
  readonly verdict: readonly string[];
  /** Points below which a difference does not matter. */
  readonly margin: number;
  readonly axes: readonly Axis[];
  /** In the grid's own order. */
  readonly variants: readonly ReportedVariant[];
  /** In the order of the run's own evaluation. */
  readonly tasks: readonly ReportedTask[];
  /** By number of shots. */
  readonly means: readonly ReportedMean[];
  /** What each variant costs; none where an older mm1 ran them. */
  readonly costs: readonly VariantCost[];
  /** What each axis's dearer levels cost and gain, by the measure that decides. */
  readonly levelCosts: readonly LevelCost[];
  /** The best learning rate by size, where both were varied. */
  readonly rateLaw: RateLaw | null;
  /** Skills of the world by grade of detail and by how pictures are shown. */
  readonly grades: GradeReport;
  /** The run beside MM1's published numbers. */
  readonly published: Published;
  /** What trainings drew, mixture by mixture. */
  readonly mixtures: readonly DrawnMixture[];
}
