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

/** What the person typed. */
export interface DryRunOptions extends PlanAsked {
  readonly workers: number;
}

/** Reads a grid and estimates what it will take; nothing is run, and nothing written. */
export async function dryRun(options: DryRunOptions): Promise<{ plan: Plan; estimate: Estimate }> {
  const { runsFolder, workers } = options;
  const plan = readPlan(options);
  const engine = chooseEngine().name;
  return { plan, estimate: await estimateHere(plan, stageGraph(plan, engine), runsFolder, engine, workers) };
}

/** Estimates by what a runs folder's cache says of stages that were run; where it says too little, the machine is measured. */
export async function estimateHere(
  plan: Plan,
  graph: StageGraph,
  runsFolder: string,
  engine: EngineName,
  workers: number,
): Promise<Estimate> {
  const folder = cacheFolder(runsFolder);
  const cache = existsSync(folder) ? new StageCache(folder) : null;
  const input = {
    plan,
    graph,
    vocabulary: loadTokenizer().vocabularySize,
    ...historyOf(cache),
    workers,
  };
  const first = estimate({ ...input, gflops: null });
  if (!first.stages.some(({ basis, cached, work }) => basis === 'guess' && !cached && work.flops > 0)) return first;
  const measured = await measureEngine(engine);
  return estimate({ ...input, gflops: 'speed' in measured ? measured.speed.gflops : null });
}
