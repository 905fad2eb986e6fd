import { existsSync } from 'node:fs';
import { loadGrid, type Overrides } from '../config/load.js';
import type { Plan } from '../config/plan.js';
import { loadTokenizer } from '../data/tokenizer/index.js';
import { chooseEngine, type EngineName } from '../engine/index.js';
import { measureEngine } from '../engine/survey.js';
import { checkpointReader } from '../plan/checkpoints.js';
import { type Estimate, estimate } from '../plan/estimate.js';
import { stageGraph } from '../plan/graph.js';
import { historyOf } from '../plan/rates.js';
import { sourceReader } from '../plan/sources.js';
import type { StageGraph } from '../plan/stage.js';
import { StageCache } from '../store/cache.js';
import { cacheFolder } from '../store/place.js';

/** What the person typed. */
export interface DryRunOptions {
  readonly grid: string;
  readonly runsFolder: string;
  readonly overrides: Overrides;
  readonly workers: number;
}

/** Reads a grid and estimates what it will take; nothing is run, and nothing written. */
export async function dryRun(options: DryRunOptions): Promise<{ plan: Plan; estimate: Estimate }> {
  const { grid, runsFolder, overrides, workers } = options;
  const plan = loadGrid(grid, overrides, checkpointReader(), sourceReader(runsFolder));
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
