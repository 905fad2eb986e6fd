import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Plan } from '../config/plan.js';
import { checkPrecision } from '../engine/precision.js';
import { Mm1Error } from '../errors.js';
import { stageGraph } from '../plan/graph.js';
import { collectProvenance } from '../plan/provenance.js';
import { StageCache } from '../store/cache.js';
import { GONE_AFTER, type Holder } from '../store/holder.js';
import { cacheFolder, databaseFile } from '../store/place.js';
import type { RunRow, TrialRow } from '../store/rows.js';
import { Store } from '../store/store.js';
import { duration } from '../units.js';
import { changesSince } from './changes.js';
import { estimateHere } from './dry-run.js';
import type { Executor } from './executors/executor.js';
import { Launch } from './grid-launch.js';
import { KeptLock } from './kept-lock.js';
import type { Screen } from './screen/screen.js';
import { StageRuns } from './stage-runs.js';

/** How a run ended. */
export interface RunOutcome {
  readonly run: RunRow;
  readonly status: 'done' | 'interrupted' | 'failed';
  readonly failed: readonly TrialRow[];
}

/** What a run needs. */
export interface RunOptions {
  readonly plan: Plan;
  /** Folder of the database and the cache. */
  readonly runsFolder: string;
  readonly executor: Executor;
  readonly screen: Screen;
  /** The command line, for the record. */
  readonly command: string;
  /** Becomes true when the person asks for the run to stop. */
  readonly stopping: () => boolean;
  /** Whether trials of the run that failed before are tried again. */
  readonly retryFailed: boolean;
  /** Whether the first trial that fails ends the run. */
  readonly failFast: boolean;
}

/** Milliseconds between two looks at a run that another process is at. */
const LOOK = 500;

/**
 * Runs a plan, or goes on with the newest run of the same plan on the same engine that did not end. What the cache holds
 * is not computed again; what fails takes down the trials that need it, and no others. A run that another process is at is
 * waited for.
 * @throws Mm1Error E_PRECISION where the engine cannot compute as a variant asks, E_TAKEN where another machine took this process to be gone
 */
export async function runGrid(options: RunOptions): Promise<RunOutcome> {
  const { plan, executor, screen } = options;
  for (const { recipe } of plan.variants) checkPrecision(recipe.precision, executor.engine.name);
  const store = Store.open(databaseFile(options.runsFolder));
  const lock = `plan ${plan.hash} on ${executor.engine.name}`;
  let kept: KeptLock | null = null;
  try {
    const joined = await waitForOther(store, lock, options);
    if (joined) return outcomeOf(store, joined, joined.status === 'done' ? 'done' : 'interrupted');
    const held = new KeptLock(store, lock, () => executor.stop());
    kept = held;
    const cache = new StageCache(cacheFolder(options.runsFolder));
    const graph = stageGraph(plan, executor.engine.name);
    const planned = await estimateHere(plan, graph, options.runsFolder, executor.engine.name, executor.devices);
    store.use([...graph.stages.keys()]);
    const provenance = collectProvenance(executor.engine, options.command);
    const unfinished = store.unfinishedRun(plan.hash);
    const resumed = unfinished?.provenance.engine.name === executor.engine.name ? unfinished : undefined;
    const changes = resumed ? null : changesSince(plan, store);
    const run = resumed
      ? store.resumeRun(resumed.id, provenance, options.retryFailed)
      : store.beginRun(plan, provenance, planned.seconds);
    screen.note(`${resumed ? 'going on with' : 'run'} ${run.id} on ${executor.engine.name}, ${executor.engine.device}`);
    if (changes) screen.note(changes);
    const own = { ...options, stopping: () => held.isLost || options.stopping() };
    const stages = new StageRuns(own, store, cache, run.id, new Map(planned.stages.map((stage) => [stage.key, stage])));
    const status = await launched(new Launch(own, stages, graph, run), store);
    if (held.isLost) throw taken(run.id);
    store.finishRun(run.id, status);
    return outcomeOf(store, run, status);
  } finally {
    kept?.end();
    store.useNothing();
    store.releaseLock(lock);
    store.close();
  }
}

/**
 * Takes the lock of a plan; where another process has it, waits until that one has ended.
 * @returns the other's run, where it brought it to its end, or the person did not wait for it
 */
async function waitForOther(
  store: Store,
  lock: string,
  { plan, screen, stopping }: RunOptions,
): Promise<RunRow | null> {
  const newest = () => store.runs().find(({ planHash }) => planHash === plan.hash);
  let waited = false;
  for (;;) {
    const holder = store.takeLock(lock);
    if (holder === null) break;
    if (!waited) screen.note(`${sayHolder(holder)} runs this grid already: waiting for its results`);
    waited = true;
    if (stopping()) return newest() ?? null;
    await sleep(LOOK);
  }
  const run = waited ? newest() : undefined;
  return run?.status === 'done' ? run : null;
}

/** How long a machine was silent that is taken to be gone. */
const SILENCE = duration(GONE_AFTER / 1000);

const sayHolder = ({ pid, host }: Holder): string =>
  host === hostname()
    ? `process ${pid}`
    : `process ${pid} on ${host} (taken to be gone once it is silent for ${SILENCE})`;

const taken = (run: string): Mm1Error =>
  new Mm1Error(`another machine goes on with run ${run}: it had no sign of life from this process for ${SILENCE}`, {
    code: 'E_TAKEN',
    remedy:
      'Leave it to that one, and follow it with "mm1 watch". Machines that share a folder need clocks that agree.',
  });

async function launched(launch: Launch, store: Store): Promise<RunOutcome['status']> {
  try {
    return await launch.trials();
  } catch (error) {
    try {
      store.finishRun(launch.run.id, 'interrupted');
    } catch {
      // The disk may be at fault: then the record says that the run is at work, and its lock that it is not.
    }
    throw error;
  }
}

function outcomeOf(store: Store, run: RunRow, status: RunOutcome['status']): RunOutcome {
  const failed = store.trials(run.id).filter((trial) => trial.status === 'failed');
  return { run: store.run(run.id), status, failed };
}
