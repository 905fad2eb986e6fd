import { dirname, resolve } from 'node:path';
import type { PlannedStage } from '../plan/estimate.js';
import { workSummary } from '../plan/rates.js';
import type { Stage } from '../plan/stage.js';
import { entryBytes, type StageCache, type StageManifest } from '../store/cache.js';
import type { StageRow } from '../store/rows.js';
import type { Store } from '../store/store.js';
import { duration } from '../units.js';
import type { Outcome, StageOrder } from './executors/executor.js';
import type { RunOptions } from './run-grid.js';
import { isCrash, type StageFault } from './stage-fault.js';

/** How a stage came out; `elsewhere` where another process is at it. */
export type StageResult =
  | { readonly type: 'done'; readonly manifest: StageManifest; readonly computed: boolean }
  | { readonly type: 'failed'; readonly fault: StageFault }
  | { readonly type: 'stopped' }
  | { readonly type: 'elsewhere' };

/** How often a stage is begun at most. */
const ATTEMPTS = 3;

/** Stages of one run: looks them up, has them computed, records them. */
export class StageRuns {
  constructor(
    readonly options: Pick<RunOptions, 'executor' | 'screen' | 'stopping' | 'plan' | 'runsFolder'>,
    readonly store: Store,
    readonly cache: StageCache,
    readonly runId: string,
    readonly planned: ReadonlyMap<string, PlannedStage>,
  ) {}

  /** Looks a stage up in the cache and records that it was there. A damaged one is told, and counts as none. */
  async find(stage: Stage): Promise<StageManifest | null> {
    const found = await this.cache.find(stage.key);
    if (found === null) return null;
    if ('damage' in found) {
      this.options.screen.note(`${stage.title}: the cached result is damaged (${found.damage}) and is computed again`);
      this.cache.remove(stage.key);
      return null;
    }
    this.recordFound(stage, found);
    this.options.screen.note(`${stage.title}: found in the cache`);
    return found;
  }

  /** Records a stage that was computed before this run. */
  recordFound(stage: Stage, manifest: StageManifest): void {
    this.#record(stage, { ...done(manifest), cached: true, attempts: 0 });
  }

  /** Computes a stage that is not in the cache, unless another process does. Crashes are tried again. */
  async compute(stage: Stage): Promise<StageResult> {
    const lock = `stage ${stage.key}`;
    if (this.store.takeLock(lock) !== null) return { type: 'elsewhere' };
    try {
      // Another process may have been at it since it was looked up.
      const found = this.cache.has(stage.key) ? await this.find(stage) : null;
      if (found) return { type: 'done', manifest: found, computed: false };
      for (let attempt = 1; ; attempt++) {
        const result = await this.#attempt(stage, attempt);
        if (result.type !== 'failed' || attempt === ATTEMPTS || !isCrash(result.fault)) return result;
        this.options.screen.note(`${stage.title}: ${result.fault.message}; attempt ${attempt + 1} of ${ATTEMPTS}`);
      }
    } finally {
      this.store.releaseLock(lock);
    }
  }

  async #attempt(stage: Stage, attempt: number): Promise<StageResult> {
    const { executor, screen, stopping } = this.options;
    if (stopping()) return { type: 'stopped' };
    let folder: string | null = null;
    let outcome: Outcome;
    try {
      outcome = await executor.compute({
        ...this.order(stage),
        begin: () => {
          folder = this.cache.begin(stage.key);
          return folder;
        },
        onStart: () => screen.stageStarted(stage.key, stage.title),
        onProgress: (progress) => screen.stageProgress(stage.key, progress),
        onNote: (text) => screen.note(`${stage.title}: ${text}`),
        onMetrics: (rows) =>
          this.store.recordMetrics(
            this.runId,
            rows.map((row) => ({ ...row, stageKey: stage.key })),
          ),
      });
    } catch (error) {
      screen.stageEnded(stage.key, `${stage.title}: failed`);
      throw error;
    }
    if (outcome.type !== 'done' && folder !== null) this.cache.abandon(folder);
    if (outcome.type === 'stopped') {
      screen.stageEnded(stage.key, `${stage.title}: stopped`);
      return outcome;
    }
    if (outcome.type === 'failed') {
      const { fault, log } = outcome;
      // A worker that died says nothing against the numbers that it had come to.
      if (!isCrash(fault)) this.cache.forget(stage.key);
      const { code: errorCode, message: error } = fault;
      const nothing = { cached: false, seconds: 0, bytes: 0, summary: {} };
      this.#record(stage, { ...nothing, status: 'failed', error, errorCode, attempts: attempt, log });
      screen.stageEnded(stage.key, `${stage.title}: failed: ${error}`);
      return { type: 'failed', fault };
    }
    const manifest = outcome.type === 'published' ? outcome.manifest : await this.#publish(stage, folder!, outcome);
    this.#record(stage, { ...done(manifest), cached: false, attempts: attempt });
    const seconds = outcome.type === 'published' ? manifest.seconds : outcome.seconds;
    screen.stageEnded(stage.key, `${stage.title}: ${duration(seconds)}${sayLoss(manifest.summary)}`);
    return { type: 'done', manifest, computed: true };
  }

  /** What an executor needs to know of a stage to compute it. */
  order(stage: Stage): StageOrder {
    const { plan, runsFolder } = this.options;
    return {
      stage,
      checkpoints: this.cache.checkpoints(stage.key),
      parents: Object.fromEntries(Object.entries(stage.parents).map(([role, key]) => [role, this.cache.folder(key)])),
      places: { grid: dirname(resolve(plan.gridPath)), runs: resolve(runsFolder) },
      work: workSummary(this.planned.get(stage.key)!.work),
    };
  }

  async #publish(
    { key, kind, title }: Stage,
    folder: string,
    { seconds, share, summary }: Extract<Outcome, { type: 'done' }>,
  ): Promise<StageManifest> {
    const work = workSummary(this.planned.get(key)!.work);
    // Of two stages at one device each took half of its time: seconds add up to what the device took.
    return this.cache.publish(folder, { key, kind, title, seconds: seconds * share, summary: { ...summary, ...work } });
  }

  #record({ key, kind, title }: Stage, row: Omit<StageRow, 'runId' | 'key' | 'kind' | 'title'>): void {
    this.store.recordStage({ runId: this.runId, key, kind, title, ...row });
  }
}

function done(manifest: StageManifest) {
  const { seconds, summary } = manifest;
  return {
    status: 'done',
    seconds,
    bytes: entryBytes(manifest),
    error: null,
    errorCode: null,
    log: '',
    summary,
  } as const;
}

function sayLoss(summary: Readonly<Record<string, unknown>>): string {
  return typeof summary.loss === 'number' ? `, loss ${summary.loss.toFixed(3)}` : '';
}
