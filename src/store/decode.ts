import { inflateRawSync } from 'node:zlib';
import type { Axis, Design, EvaluationSpec, Exclusion } from '../config/plan.js';
import type { Recipe, Scalar } from '../config/recipe.js';
import type { TaskGroup } from '../config/tasks.js';
import { doublesOf } from './doubles.js';
import type {
  Condition,
  ItemScoreRow,
  Provenance,
  RunRow,
  RunStatus,
  StageRow,
  StageStatus,
  TrialRow,
  TrialScoreRow,
  TrialStatus,
  VariantRow,
} from './rows.js';

/** Rows as SQLite hands them back: columns in snake_case, objects as JSON text, truth as 0 or 1. */
export interface RawRun {
  id: string;
  name: string;
  question: string | null;
  status: RunStatus;
  scale: string;
  plan_hash: string;
  grid_path: string;
  grid_text: string;
  axes: string;
  design: string;
  exclusions: string;
  planned_seconds: number | null;
  seeds: string;
  evaluation: string;
  provenance: string;
  started_at: string;
  finished_at: string | null;
}

export interface RawVariant {
  id: number;
  run_id: string;
  position: number;
  key: string;
  settings: string;
  recipe: string;
}

export interface RawTrial {
  id: number;
  run_id: string;
  variant_id: number;
  seed: number;
  status: TrialStatus;
  error: string | null;
  error_code: string | null;
  started_at: string | null;
  finished_at: string | null;
  seconds: number | null;
}

export interface RawStage {
  run_id: string;
  key: string;
  kind: string;
  title: string;
  status: StageStatus;
  cached: number;
  seconds: number;
  bytes: number;
  error: string | null;
  error_code: string | null;
  attempts: number;
  log: string;
  summary: string;
}

export interface RawScore {
  trial_id: number;
  task: string;
  task_group: TaskGroup;
  shots: number;
  demonstration_seed: number;
  metric: string;
  lower_is_better: number;
  condition: Condition;
  value: number;
  items: number;
  chance: number;
  demonstrations: string;
  item_values: Uint8Array;
  /** 1 where item_values are deflated. */
  deflated: number;
}

export interface RawItem {
  task: string;
  shots: number;
  demonstration_seed: number;
  metric: string;
  condition: Condition;
  item: string;
  demonstration_list: number;
  prompt: string;
  output: string;
  reference_list: string;
  value: number;
}

export function decodeRun(raw: RawRun): RunRow {
  return {
    id: raw.id,
    name: raw.name,
    question: raw.question,
    status: raw.status,
    scale: raw.scale,
    planHash: raw.plan_hash,
    gridPath: raw.grid_path,
    gridText: raw.grid_text,
    axes: JSON.parse(raw.axes) as Axis[],
    design: JSON.parse(raw.design) as Design,
    exclusions: JSON.parse(raw.exclusions) as Exclusion[],
    plannedSeconds: raw.planned_seconds,
    seeds: JSON.parse(raw.seeds) as number[],
    evaluation: JSON.parse(raw.evaluation) as EvaluationSpec,
    provenance: JSON.parse(raw.provenance) as Provenance,
    startedAt: raw.started_at,
    finishedAt: raw.finished_at,
  };
}

export function decodeVariant(raw: RawVariant): VariantRow {
  return {
    id: raw.id,
    runId: raw.run_id,
    index: raw.position,
    key: raw.key,
    settings: JSON.parse(raw.settings) as Record<string, Scalar>,
    recipe: JSON.parse(raw.recipe) as Recipe,
  };
}

export function decodeTrial(raw: RawTrial): TrialRow {
  return {
    id: raw.id,
    runId: raw.run_id,
    variantId: raw.variant_id,
    seed: raw.seed,
    status: raw.status,
    error: raw.error,
    errorCode: raw.error_code,
    startedAt: raw.started_at,
    finishedAt: raw.finished_at,
    seconds: raw.seconds,
  };
}

export function decodeStage(raw: RawStage): StageRow {
  return {
    runId: raw.run_id,
    key: raw.key,
    kind: raw.kind,
    title: raw.title,
    status: raw.status,
    cached: raw.cached === 1,
    seconds: raw.seconds,
    bytes: raw.bytes,
    error: raw.error,
    errorCode: raw.error_code,
    attempts: raw.attempts,
    log: raw.log,
    summary: JSON.parse(raw.summary) as Record<string, unknown>,
  };
}

export function decodeScore(raw: RawScore): TrialScoreRow {
  return {
    trialId: raw.trial_id,
    task: raw.task,
    group: raw.task_group,
    shots: raw.shots,
    demonstrationSeed: raw.demonstration_seed,
    metric: raw.metric,
    lowerIsBetter: raw.lower_is_better === 1,
    condition: raw.condition,
    value: raw.value,
    items: raw.items,
    chance: raw.chance,
    demonstrations: JSON.parse(raw.demonstrations) as string[],
    itemValues: doublesOf(raw.deflated === 1 ? inflateRawSync(raw.item_values) : raw.item_values),
  };
}

export function decodeItem(raw: RawItem): ItemScoreRow {
  return {
    task: raw.task,
    shots: raw.shots,
    demonstrationSeed: raw.demonstration_seed,
    metric: raw.metric,
    condition: raw.condition,
    item: raw.item,
    demonstrationList: raw.demonstration_list,
    prompt: raw.prompt,
    output: raw.output,
    references: JSON.parse(raw.reference_list) as string[],
    value: raw.value,
  };
}
