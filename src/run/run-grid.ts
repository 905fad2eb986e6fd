import { readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { Plan } from '../config/recipe.js';
import { checkPrecision } from '../engine/precision.js';
import { stageGraph } from '../plan/graph.js';
import { collectProvenance } from '../plan/provenance.js';
import type { Stage, StageGraph } from '../plan/stage.js';
import { entryBytes, StageCache, type StageManifest } from '../store/cache.js';
import { cacheFolder, databaseFile } from '../store/place.js';
import type { RunRow, TrialRow } from '../store/rows.js';
import { Store } from '../store/store.js';
import type { Executor } from './executors/executor.js';
import type { StageFault } from './messages.js';
import type { Screen } from './screen/screen.js';
import { SCORES_FILE, type TrialScores } from './stages/evaluate.js';
import { duration, TimeLeft } from './time-left.js';

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
}

type StageResult = StageManifest | { readonly fault: StageFault } | 'stopped';

/**
 * Runs a plan, or goes on with the newest run of the same plan on the same engine that did not end. What the cache holds
 * is not computed again; what fails takes down the trials that need it, and no others.
 */
export async function runGrid(options: RunOptions): Promise<RunOutcome> {
  const { plan, executor, screen } = options;
  for (const { recipe } of plan.variants) checkPrecision(recipe.precision, executor.engine.name);
  const store = Store.open(databaseFile(options.runsFolder));
  try {
    const cache = new StageCache(cacheFolder(options.runsFolder));
    const provenance = collectProvenance(executor.engine, options.command);
    const unfinished = store.unfinishedRun(plan.hash);
    const resumed = unfinished?.provenance.engine.name === executor.engine.name ? unfinished : undefined;
    const run = resumed ? store.resumeRun(resumed.id, provenance) : store.beginRun(plan, provenance);
    screen.note(`${resumed ? 'going on with' : 'run'} ${run.id} on ${executor.engine.name}, ${executor.engine.device}`);
    const launch = new Launch(options, store, cache, stageGraph(plan, executor.engine.name), run);
    const status = await launch.trials();
    store.finishRun(run.id, status);
    const failed = store.trials(run.id).filter((trial) => trial.status === 'failed');
    return { run: store.run(run.id), status, failed };
  } finally {
    store.close();
  }
}

/** One launch of a run: what it found and computed so far. */
class Launch {
  readonly #results = new Map<string, StageResult>();
  readonly #timeLeft = new TimeLeft();

  constructor(
    readonly options: RunOptions,
    readonly store: Store,
    readonly cache: StageCache,
    readonly graph: StageGraph,
    readonly run: RunRow,
  ) {}

  /** Takes the trials in order. */
  async trials(): Promise<RunOutcome['status']> {
    const variants = this.store.variants(this.run.id);
    const rows = this.store.trials(this.run.id);
    let failed = false;
    this.#showGrid();
    for (const trial of this.graph.trials) {
      const variant = variants.find(({ index }) => index === trial.variant)!;
      const row = rows.find(({ variantId, seed }) => variantId === variant.id && seed === trial.seed)!;
      if (row.status === 'done') continue;
      this.store.startTrial(row.id);
      const fault = await this.#trial(row.id, trial.keys);
      if (fault === 'stopped') return 'interrupted';
      if (fault) {
        failed = true;
        this.store.failTrial(row.id, fault.stack ? `${fault.code}: ${fault.stack}` : fault.message);
      }
      this.#showGrid();
    }
    return failed ? 'failed' : 'done';
  }

  /** Computes what a trial needs and records its scores. */
  async #trial(id: number, keys: readonly string[]): Promise<StageFault | 'stopped' | null> {
    let seconds = 0;
    for (const key of keys) {
      const result = await this.#stage(this.graph.stages.get(key)!);
      if (result === 'stopped') return result;
      if ('fault' in result) return result.fault;
      if (result.kind === 'pretrain' || result.kind === 'evaluate') seconds += result.seconds;
    }
    const file = join(this.cache.folder(keys[keys.length - 1]!), SCORES_FILE);
    const { scores, items } = JSON.parse(readFileSync(file, 'utf8')) as TrialScores;
    this.store.finishTrial(id, seconds, scores, items);
    return null;
  }

  async #stage(stage: Stage): Promise<StageResult> {
    const known = this.#results.get(stage.key);
    if (known) return known;
    const result = (await this.#cached(stage)) ?? (await this.#computed(stage));
    this.#results.set(stage.key, result);
    return result;
  }

  async #cached(stage: Stage): Promise<StageManifest | null> {
    const found = await this.cache.find(stage.key);
    if (found === null) return null;
    if ('damage' in found) {
      this.options.screen.note(`${stage.title}: the cached result is damaged (${found.damage}) and is computed again`);
      return null;
    }
    this.#timeLeft.measured(stage.kind, found.seconds);
    this.#record(stage, found, true);
    this.options.screen.note(`${stage.title}: found in the cache`);
    return found;
  }

  async #computed(stage: Stage): Promise<StageResult> {
    const { executor, screen, stopping, plan, runsFolder } = this.options;
    if (stopping()) return 'stopped';
    const folder = this.cache.begin(stage.key);
    screen.stageStarted(stage.title);
    const outcome = await executor.compute({
      stage,
      folder,
      checkpoints: this.cache.checkpoints(stage.key),
      parents: Object.fromEntries(Object.entries(stage.parents).map(([role, key]) => [role, this.cache.folder(key)])),
      places: { grid: dirname(resolve(plan.gridPath)), runs: resolve(runsFolder) },
      onProgress: (progress) => screen.stageProgress(progress),
      onNote: (text) => screen.note(`${stage.title}: ${text}`),
      onMetrics: (rows) =>
        this.store.recordMetrics(
          this.run.id,
          rows.map((row) => ({ ...row, stageKey: stage.key })),
        ),
    });
    if (outcome.type !== 'done') this.cache.abandon(folder);
    if (outcome.type === 'stopped') {
      screen.stageEnded(`${stage.title}: stopped`);
      return 'stopped';
    }
    if (outcome.type === 'failed') {
      const { fault } = outcome;
      // A worker that died says nothing against the numbers that it had come to.
      if (fault.code !== 'E_WORKER') this.cache.forget(stage.key);
      this.store.recordStage({
        ...this.#row(stage),
        status: 'failed',
        cached: false,
        seconds: 0,
        bytes: 0,
        error: fault.message,
        summary: {},
      });
      screen.stageEnded(`${stage.title}: failed: ${fault.message}`);
      return { fault };
    }
    const { key, kind, title } = stage;
    const manifest = await this.cache.publish(folder, {
      key,
      kind,
      title,
      seconds: outcome.seconds,
      summary: outcome.summary,
    });
    this.#timeLeft.measured(kind, outcome.seconds);
    this.#record(stage, manifest, false);
    screen.stageEnded(`${title}: ${duration(outcome.seconds)}${sayLoss(outcome.summary)}`);
    return manifest;
  }

  #row(stage: Stage) {
    return { runId: this.run.id, key: stage.key, kind: stage.kind, title: stage.title };
  }

  #record(stage: Stage, manifest: StageManifest, cached: boolean): void {
    const { seconds, summary } = manifest;
    const bytes = entryBytes(manifest);
    this.store.recordStage({ ...this.#row(stage), status: 'done', cached, seconds, bytes, error: null, summary });
  }

  #showGrid(): void {
    const ended = this.store
      .trials(this.run.id)
      .filter(({ status }) => status === 'done' || status === 'failed').length;
    const waiting = [...this.graph.stages.values()].filter(({ key }) => !this.#results.has(key));
    const secondsLeft = this.#timeLeft.of(waiting.map(({ kind }) => kind));
    this.options.screen.grid({ done: ended, total: this.graph.trials.length, secondsLeft });
  }
}

function sayLoss(summary: Readonly<Record<string, unknown>>): string {
  return typeof summary.loss === 'number' ? `, loss ${summary.loss.toFixed(3)}` : '';
}
