import { existsSync } from 'node:fs';
import type { Plan } from '../config/plan.js';
import { loadTokenizer } from '../data/tokenizer/index.js';
import { chooseEngine, type EngineName } from '../engine/index.js';
import { measureEngine } from '../engine/survey.js';
import { type Estimate, estimate } from '../plan/estimate.js';
import { stageGraph } from '../plan/graph.js';
import { historyOf } from '../plan/rates.js';
import type { StageGraph } from '../plan/stage.js';
import { StageCache } from '../store/cache.js';
import { cacheFolder } from '../store/place.js';
import { type PlanAsked, readPlan } from './read-plan.js';
import { devicesOf, workersFor } from './workers.js';

/** What the person typed. */
export interface DryRunOptions extends PlanAsked {
  readonly workers?: number;
}

/** What a grid would take here. */
export interface DryRun {
  readonly plan: Plan;
  readonly estimate: Estimate;
  /** Stages side by side. */
  readonly workers: number;
}

/** Reads a grid and estimates what it will take; nothing is run, and nothing written. */
export async function dryRun(options: DryRunOptions): Promise<DryRun> {
  const plan = readPlan(options);
  const engine = chooseEngine().name;
  const here = workersFor(plan, engine, options.workers);
  const graph = stageGraph(plan, engine);
  const estimate = await estimateHere(plan, graph, options.runsFolder, engine, devicesOf(here));
  return { plan, workers: here.workers, estimate };
}

/** Operations that a guess must be of for the machine to be measured first, which takes seconds: a minute's, about. */
const WORTH_MEASURING = 3e12;

/** Estimates by what a runs folder's cache says of stages that were run; where it says too little, the machine is measured. */
export async function estimateHere(
  plan: Plan,
  graph: StageGraph,
  runsFolder: string,
  engine: EngineName,
  devices: number,
): Promise<Estimate> {
  const folder = cacheFolder(runsFolder);
  const cache = existsSync(folder) ? new StageCache(folder) : null;
  const input = {
    plan,
    graph,
    vocabulary: loadTokenizer().vocabularySize,
    ...historyOf(cache),
    devices,
  };
  const first = estimate({ ...input, gflops: null });
  const guessed = first.stages.filter(({ basis, cached }) => basis === 'guess' && !cached);
  if (guessed.reduce((sum, { work }) => sum + work.flops, 0) < WORTH_MEASURING) return first;
  const measured = await measureEngine(engine);
  return estimate({ ...input, gflops: 'speed' in measured ? measured.speed.gflops : null });
}
