import type { Plan } from '../config/plan.js';
import type { StageManifest } from '../store/cache.js';
import { type VariantSize, variantSize } from './peak-memory.js';
import { type Basis, type Measured, Rates } from './rates.js';
import type { Stage, StageGraph, StageKind } from './stage.js';
import { type Work, workOf } from './work.js';

/** One stage of a plan, and what it will take. */
export interface PlannedStage {
  readonly key: string;
  readonly kind: StageKind;
  readonly title: string;
  readonly work: Work;
  /** Whether its result is in the cache. */
  readonly cached: boolean;
  readonly seconds: number;
  readonly basis: Basis;
  /** Number of trials that need it. */
  readonly trials: number;
}

/** What a grid will take. */
export interface Estimate {
  readonly stages: readonly PlannedStage[];
  readonly variants: readonly VariantSize[];
  /** Of what is not in the cache, all devices at work. */
  readonly seconds: number;
  /** Operations of what is not in the cache. */
  readonly flops: number;
  /** Bytes that will be written. */
  readonly disk: number;
}

/** What an estimate goes by. */
export interface EstimateInput {
  readonly plan: Pick<Plan, 'variants'>;
  readonly graph: StageGraph;
  readonly vocabulary: number;
  /** The entry of the cache under a key; null where there is none. */
  readonly cached: (key: string) => StageManifest | null;
  readonly measured: readonly Measured[];
  /** Speed of a product of large matrices; null where it was not measured. */
  readonly gflops: number | null;
  /** Number of devices that compute side by side: GPUs, or the one processor. */
  readonly devices: number;
}

/** Works of all stages: of features, as many as their corpus or their questions have pictures. */
export function worksOf(graph: StageGraph, vocabulary: number): ReadonlyMap<string, Work> {
  const works = new Map<string, Work>();
  const find = (stage: Stage): Work => {
    const known = works.get(stage.key);
    if (known) return known;
    const own = workOf(stage, vocabulary);
    const parent = stage.kind === 'features' ? graph.stages.get(stage.parents.pictures!) : undefined;
    const pictures = parent ? find(parent).pieces : 1;
    const work = { ...own, flops: own.flops * pictures, pieces: own.pieces * pictures, disk: own.disk * pictures };
    works.set(stage.key, work);
    return work;
  };
  for (const stage of graph.stages.values()) find(stage);
  return works;
}

/** Says what a grid will take: by what stages took here before, and where none was like it by a guess, which is said. */
export function estimate(input: EstimateInput): Estimate {
  const { plan, graph, vocabulary, devices } = input;
  const works = worksOf(graph, vocabulary);
  const rates = new Rates(input.measured, input.gflops);
  const trials = trialsOf(graph);
  const stages = [...graph.stages.values()].map((stage): PlannedStage => {
    const { key, kind, title } = stage;
    const work = works.get(key)!;
    return {
      key,
      kind,
      title,
      work,
      trials: trials.get(key)!,
      cached: input.cached(key) !== null,
      ...rates.secondsOf(stage, work),
    };
  });
  const ahead = stages.filter(({ cached }) => !cached);
  const sum = (of: (stage: PlannedStage) => number) => ahead.reduce((total, stage) => total + of(stage), 0);
  return {
    stages,
    variants: plan.variants.map(({ recipe }) => variantSize(recipe, vocabulary)),
    seconds: sum(({ seconds }) => seconds) / devices,
    flops: sum(({ work }) => work.flops),
    disk: sum(({ work }) => work.disk),
  };
}

/** How many trials need each stage. */
function trialsOf({ stages, trials }: StageGraph): ReadonlyMap<string, number> {
  const counts = new Map([...stages.keys()].map((key) => [key, 0]));
  for (const { keys } of trials) for (const key of new Set(keys)) counts.set(key, counts.get(key)! + 1);
  return counts;
}
