import type { Axis, Design, EvaluationSpec, Exclusion } from '../config/plan.js';
import type { Recipe, Scalar } from '../config/recipe.js';
import type { TaskGroup } from '../config/tasks.js';

export type RunStatus = 'running' | 'done' | 'interrupted' | 'failed';
export type TrialStatus = 'pending' | 'running' | 'done' | 'failed';
export type StageStatus = 'done' | 'failed';
/**
 * What a model was given: the item as it is (`asked`); the item without its picture or, of text alone, without its question
 * (`blind`); or with another item's (`shuffled`).
 */
export const CONDITIONS = ['asked', 'blind', 'shuffled'] as const;
export type Condition = (typeof CONDITIONS)[number];

/** Where a run's numbers come from. */
export interface Provenance {
  readonly mm1: string;
  readonly node: string;
  readonly commit: string | null;
  readonly dirty: boolean | null;
  readonly packages: Readonly<Record<string, string>>;
  /** Engine that computed the numbers: name, version and device, as `mm1 engine` prints them. */
  readonly engine: {
    readonly name: string;
    readonly version: string;
    readonly device: string;
    /** How it took matrix products of float32; whole where an older mm1 wrote this down. */
    readonly products?: 'fp32' | 'tf32';
  };
  readonly cpu: string;
  readonly cores: number;
  readonly memoryBytes: number;
  readonly gpu: string | null;
  readonly platform: string;
  readonly host: string;
  readonly command: string;
}

export interface RunRow {
  readonly id: string;
  readonly name: string;
  readonly question: string | null;
  readonly status: RunStatus;
  readonly scale: string;
  readonly planHash: string;
  readonly gridPath: string;
  readonly gridText: string;
  readonly axes: readonly Axis[];
  readonly design: Design;
  readonly exclusions: readonly Exclusion[];
  /** Seconds that its stages were thought to take before it began; null where an older mm1 began it. */
  readonly plannedSeconds: number | null;
  readonly seeds: readonly number[];
  readonly evaluation: EvaluationSpec;
  readonly provenance: Provenance;
  /** ISO 8601 in UTC. */
  readonly startedAt: string;
  readonly finishedAt: string | null;
}

export interface VariantRow {
  readonly id: number;
  readonly runId: string;
  readonly index: number;
  readonly key: string;
  readonly settings: Readonly<Record<string, Scalar>>;
  readonly recipe: Recipe;
}

export interface TrialRow {
  readonly id: number;
  readonly runId: string;
  readonly variantId: number;
  readonly seed: number;
  readonly status: TrialStatus;
  readonly error: string | null;
  /** Kind of the fault: `E_DIVERGED`, `E_MEMORY`, `E_KILLED`, `E_HUNG`, `E_WORKER`, or `E_BUG` for what nobody foresaw. */
  readonly errorCode: string | null;
  readonly startedAt: string | null;
  readonly finishedAt: string | null;
  readonly seconds: number | null;
}

export interface StageRow {
  readonly runId: string;
  readonly key: string;
  readonly kind: string;
  readonly title: string;
  readonly status: StageStatus;
  /** True when the result was found in the cache and nothing was computed. */
  readonly cached: boolean;
  readonly seconds: number;
  readonly bytes: number;
  readonly error: string | null;
  readonly errorCode: string | null;
  /** How often it was begun in this run. */
  readonly attempts: number;
  /** The end of what its worker wrote, where it failed. */
  readonly log: string;
  /** What the stage says of itself: parameters, items, final loss and the like. */
  readonly summary: Readonly<Record<string, unknown>>;
}

export interface MetricRow {
  readonly stageKey: string;
  readonly step: number;
  readonly name: string;
  readonly value: number;
}

/** One task's metric of one trial at one number of shots, with the demonstrations of one seed. */
export interface ScoreRow {
  readonly task: string;
  readonly group: TaskGroup;
  readonly shots: number;
  /** 0 where there are no shots. */
  readonly demonstrationSeed: number;
  readonly metric: string;
  /** Whether a lower value is a better one. */
  readonly lowerIsBetter: boolean;
  readonly condition: Condition;
  /** In the metric's reported unit: CIDEr-D x 100, accuracy in percent. */
  readonly value: number;
  /** Number of items that the value is of. */
  readonly items: number;
  /** What answering without knowledge scores, in the same unit. */
  readonly chance: number;
  /** The lists of demonstrations, as text, of which each query takes one; none where there are no shots. */
  readonly demonstrations: readonly string[];
}

/** A score of a trial with its items' values. */
export interface TrialScoreRow extends ScoreRow {
  readonly trialId: number;
  /** One an item; none where items were not recorded. */
  readonly itemValues: Float64Array;
}

/** What a task asks, in one order for all trials of a run. */
export interface TaskItems {
  readonly items: readonly string[];
  /** What each item is about: items about the same thing (a picture, an emoji) are no independent ones. */
  readonly concepts: readonly string[];
}

/** One question's score, in the same unit as the task's. */
export interface ItemScoreRow {
  readonly task: string;
  readonly shots: number;
  readonly demonstrationSeed: number;
  readonly metric: string;
  readonly condition: Condition;
  readonly item: string;
  /** Which of the lists of demonstrations stands before the prompt: 0 or 1. */
  readonly demonstrationList: number;
  readonly prompt: string;
  readonly output: string;
  readonly references: readonly string[];
  readonly value: number;
}
