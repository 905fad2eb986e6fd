import type { DataSource, Recipe, Scalar, ScaleName, Settings } from './recipe.js';
import type { SlurmSettings } from './slurm.js';
import type { OwnTaskKind } from './tasks.js';

/** What every task of an evaluation may have. */
interface AskedTaskSpec {
  /** Numbers of demonstrations of its own, ascending, in place of the evaluation's. */
  readonly shots?: readonly number[];
}

/** A task that mm1 brings along: one of TASK_NAMES. */
interface BuiltInTaskSpec extends AskedTaskSpec {
  readonly name: string;
  readonly source?: undefined;
}

/** A task that is made of somebody's own data. */
export interface OwnTaskSpec extends AskedTaskSpec {
  /** The name that the grid gives it. */
  readonly name: string;
  readonly kind: OwnTaskKind;
  /** Where its items come from. */
  readonly source: Omit<DataSource, 'weight'>;
  /** Where its demonstrations come from; only where shots are asked for. */
  readonly examples?: Omit<DataSource, 'weight'> | undefined;
}

/** One task of an evaluation. */
export type TaskSpec = BuiltInTaskSpec | OwnTaskSpec;

/** What every trial of a grid is asked. */
export interface EvaluationSpec {
  readonly tasks: readonly TaskSpec[];
  /** Numbers of demonstrations before the query, ascending, of every task that has none of its own. */
  readonly shots: readonly number[];
  /** Seeds 0, 1, ... with each of which demonstrations are drawn anew: a count. */
  readonly demonstration_seeds: number;
  /** Most items that one task asks: the same for every variant. */
  readonly items: number;
  /** Prompts in another form than mm1's own, by the prompt's or the own task's name: see src/evaluate/prompts/templates.ts. */
  readonly prompts: Readonly<Record<string, string>>;
}

/** Numbers of demonstrations that a task is asked with, ascending. */
export function shotsOf(task: TaskSpec, evaluation: Pick<EvaluationSpec, 'shots'>): readonly number[] {
  return task.shots ?? evaluation.shots;
}

/** What settings must say for something to hold: each one of these values. */
export type Conditions = Readonly<Record<string, readonly Scalar[]>>;

/** What varies: one setting, or several at once. */
export interface Axis {
  /** A setting's dotted path; several with commas between; or the name that the grid gives to its rows. */
  readonly path: string;
  /** The setting's values; or names of the rows. */
  readonly values: readonly Scalar[];
  /** What each row sets, by its name, where the axis is not one setting alone. */
  readonly rows?: Readonly<Record<string, Settings>>;
  /** Where the axis counts: elsewhere a variant does without it. */
  readonly when?: Conditions;
}

/** How the axes span the variants. */
export const DESIGN_KINDS = ['full', 'one-at-a-time', 'fraction'] as const;
export type DesignKind = (typeof DESIGN_KINDS)[number];

/** A design as it came out. */
export interface Design {
  readonly kind: DesignKind;
  /** Of a fraction: the least number of axes that an alias takes part of. */
  readonly resolution?: number;
  /** Of a fraction: effects that this design cannot tell apart, each a list of effects, an effect a list of axes. */
  readonly confounded?: readonly (readonly (readonly string[])[])[];
}

/** Cells that the grid leaves out, and why. */
export interface Exclusion {
  readonly where: Conditions;
  readonly reason: string;
  /** Number of the design's cells that it took away. */
  readonly cells: number;
}

/** One cell of the grid: a recipe without its seed. */
export interface Variant {
  /** Position in the grid's own order, from 0. */
  readonly index: number;
  /** Hash of the recipe: the same variant in two runs has the same key. */
  readonly key: string;
  /** The axes' values that make this variant, by path. */
  readonly settings: Readonly<Record<string, Scalar>>;
  readonly recipe: Recipe;
}

/** A grid file, read, validated whole and expanded. */
export interface Plan {
  readonly name: string;
  readonly question: string | null;
  readonly scale: ScaleName;
  readonly seeds: readonly number[];
  readonly axes: readonly Axis[];
  readonly design: Design;
  readonly exclusions: readonly Exclusion[];
  readonly variants: readonly Variant[];
  readonly evaluation: EvaluationSpec;
  /** Where a cluster computes it: nothing of it decides a result. */
  readonly slurm: SlurmSettings;
  /** Where the recipes' checkpoints lie on this machine: absolute folders by the SHA-256 of what is in them. */
  readonly checkpoints: Readonly<Record<string, string>>;
  readonly gridPath: string;
  readonly gridText: string;
  /** Hash of everything that decides the results of the whole run: variants, seeds, evaluation. */
  readonly hash: string;
}
