import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Mm1Error } from '../errors.js';
import type { Stage, StageGraph, StageKind, TrialStages } from '../plan/stage.js';
import type { StageManifest } from '../store/cache.js';
import type { RunRow, TrialRow } from '../store/rows.js';
import type { RunOptions, RunOutcome } from './run-grid.js';
import { Schedule } from './schedule.js';
import type { StageFault } from './stage-fault.js';
import type { StageResult, StageRuns } from './stage-runs.js';
import { SCORES_FILE, type TrialScores } from './stages/evaluate.js';
import { TimeLeft } from './time-left.js';

/** Milliseconds to wait where nothing can be begun. */
const IDLE = 200;
/** Stages that are a trial's own: their time is the trial's. */
const OWN: readonly string[] = ['pretrain', 'evaluate'];

interface OpenTrial extends TrialStages {
  readonly row: TrialRow;
}

/** One launch of a run: its trials that are not done, and what was found and computed of them so far. */
export class Launch {
  readonly #manifests = new Map<string, StageManifest>();
  readonly #faults = new Map<string, StageFault>();
  readonly #timeLeft = new TimeLeft();
  readonly #open: Map<number, OpenTrial>;
  readonly #trialsOf = new Map<string, OpenTrial[]>();
  /** Stages that are needed and not there, by their kind: what the time that is left is told by. */
  readonly #left = new Map<StageKind, number>();
  /** Keys of the stages at work. */
  readonly #active = new Set<string>();
  /** Says that one of them has ended. */
  #wake: () => void = () => {};
  /** What ends the launch: a fault that is no stage's. */
  #thrown: { readonly error: unknown } | null = null;
  #failed: boolean;
  /** Trials of the run that are done or have failed. */
  #ended: number;
  readonly #total: number;
  #stopped = false;
  /** The disk's fault, which is no trial's. */
  #disk: StageFault | null = null;
  #schedule!: Schedule;

  constructor(
    readonly options: RunOptions,
    readonly stages: StageRuns,
    readonly graph: StageGraph,
    readonly run: RunRow,
  ) {
    const { store } = stages;
    const variants = store.variants(run.id);
    const rows = store.trials(run.id);
    const open = graph.trials.flatMap((trial): OpenTrial[] => {
      const variant = variants.find(({ index }) => index === trial.variant)!;
      const row = rows.find(({ variantId, seed }) => variantId === variant.id && seed === trial.seed)!;
      return row.status === 'done' || row.status === 'failed' ? [] : [{ ...trial, row }];
    });
    this.#open = new Map(open.map((trial) => [trial.row.id, trial]));
    this.#failed = rows.some(({ status }) => status === 'failed');
    this.#ended = rows.length - open.length;
    this.#total = rows.length;
    for (const trial of open) {
      for (const key of trial.keys) {
        const list = this.#trialsOf.get(key);
        if (list) list.push(trial);
        else this.#trialsOf.set(key, [trial]);
      }
    }
    for (const key of this.#trialsOf.keys()) this.#count(key, 1);
  }

  /**
   * Takes the trials, several side by side where there are several workers.
   * @throws Mm1Error E_DISK where there is no room for a result
   */
  async trials(): Promise<RunOutcome['status']> {
    const { executor, stopping, failFast } = this.options;
    this.#showGrid();
    const needed = await this.#lookUp();
    await executor.enlist?.(
      this.run.id,
      needed.map((key) => this.stages.order(this.graph.stages.get(key)!)),
    );
    // By the mean of their kind trials of all variants are alike, and go in their order.
    const usual = new TimeLeft();
    for (const key of needed) {
      const { kind, seconds } = this.stages.planned.get(key)!;
      usual.measured(kind, seconds);
    }
    const secondsOf = ({ kind }: Stage) => usual.of(new Map([[kind, 1]]))!;
    this.#schedule = new Schedule({ graph: this.graph, needed, secondsOf, workers: executor.workers });
    for (const trial of this.#open.values()) this.#conclude(trial);
    for (;;) {
      const ending = stopping() || this.#stopped || (failFast && this.#failed);
      while (!ending && this.#active.size < executor.workers) {
        const stage = this.#schedule.next();
        if (!stage) break;
        this.#begin(stage);
      }
      if (this.#active.size === 0 && (ending || this.#open.size === 0)) break;
      // A stage ends, or another process is at what comes next.
      await Promise.race([new Promise<void>((resolve) => (this.#wake = resolve)), sleep(IDLE)]);
      if (this.#thrown) throw this.#thrown.error;
    }
    if (this.#disk) {
      const remedy = 'Free some disk and start the same command again: it goes on where it was.';
      throw new Mm1Error(this.#disk.message, { code: 'E_DISK', where: this.options.runsFolder, remedy });
    }
    if (this.#open.size > 0 && !(failFast && this.#failed)) return 'interrupted';
    return this.#failed ? 'failed' : 'done';
  }

  /** Looks up what the open trials need: of a stage that is there, nothing else is needed. */
  async #lookUp(): Promise<string[]> {
    const needed = new Set<string>();
    const seen = new Set<string>();
    const visit = async (key: string): Promise<void> => {
      if (seen.has(key)) return;
      seen.add(key);
      const stage = this.graph.stages.get(key)!;
      const found = await this.stages.find(stage);
      if (found) {
        this.#has(stage, found);
        this.#recordParents(stage);
        return;
      }
      for (const parent of Object.values(stage.parents)) await visit(parent);
      needed.add(key);
    };
    for (const { keys } of this.#open.values()) await visit(keys[keys.length - 1]!);
    return [...needed];
  }

  /** What stages that were not asked for say of themselves belongs to the run's record all the same. */
  #recordParents({ parents }: Stage): void {
    for (const key of Object.values(parents)) {
      const stage = this.graph.stages.get(key)!;
      const manifest = this.#manifests.has(key) ? null : this.stages.cache.peek(key);
      if (manifest) {
        this.stages.recordFound(stage, manifest);
        this.#has(stage, manifest);
      }
      this.#recordParents(stage);
    }
  }

  #begin(stage: Stage): void {
    this.#active.add(stage.key);
    void this.#stage(stage)
      .catch((error: unknown) => {
        this.#thrown = { error };
      })
      .finally(() => {
        this.#active.delete(stage.key);
        this.#wake();
      });
  }

  async #stage(stage: Stage): Promise<void> {
    if (OWN.includes(stage.kind)) {
      for (const { row } of this.#trialsOf.get(stage.key) ?? []) {
        if (this.#open.has(row.id)) this.stages.store.startTrial(row.id);
      }
    }
    const result: StageResult = await this.stages.compute(stage);
    if (result.type === 'elsewhere') return this.#schedule.defer(stage.key);
    if (result.type === 'stopped' || (result.type === 'failed' && result.fault.code === 'E_DISK')) {
      this.#stopped = true;
      if (result.type === 'failed') this.#disk = result.fault;
      return this.#schedule.defer(stage.key);
    }
    if (result.type === 'done') {
      this.#has(stage, result.manifest);
      this.#schedule.done(stage.key);
    } else {
      this.#faults.set(stage.key, result.fault);
      this.#schedule.failed(stage.key);
    }
    for (const trial of this.#trialsOf.get(stage.key) ?? []) if (this.#open.has(trial.row.id)) this.#conclude(trial);
  }

  #has(stage: Stage, manifest: StageManifest): void {
    if (!this.#manifests.has(stage.key)) this.#count(stage.key, -1);
    this.#manifests.set(stage.key, manifest);
    this.#timeLeft.measured(stage.kind, manifest.seconds);
  }

  /** Records a trial whose scores are there, or one that a fault took down. */
  #conclude({ row, keys }: OpenTrial): void {
    const { store, cache } = this.stages;
    const last = keys[keys.length - 1]!;
    const fault = keys.map((key) => this.#faults.get(key)).find((each) => each !== undefined);
    if (fault) {
      this.#failed = true;
      const { code, message, stack } = fault;
      store.failTrial(row.id, code, stack ? `${code}: ${stack}` : message);
    } else if (this.#manifests.has(last)) {
      const { scores, items, concepts } = JSON.parse(
        readFileSync(join(cache.folder(last), SCORES_FILE), 'utf8'),
      ) as TrialScores;
      const own = keys.map((key) => this.#manifests.get(key)).filter((each) => each && OWN.includes(each.kind));
      store.finishTrial(
        row.id,
        own.reduce((sum, each) => sum + each!.seconds, 0),
        scores,
        items,
        { concepts: new Map(Object.entries(concepts)), stages: keys },
      );
    } else return;
    this.#open.delete(row.id);
    this.#ended++;
    this.#showGrid();
  }

  /** Counts a stage as one that is to come, or is there. */
  #count(key: string, by: 1 | -1): void {
    const { kind } = this.graph.stages.get(key)!;
    this.#left.set(kind, (this.#left.get(kind) ?? 0) + by);
  }

  #showGrid(): void {
    const seconds = this.#timeLeft.of(this.#left);
    const secondsLeft = seconds === null ? null : seconds / this.options.executor.devices;
    this.options.screen.grid({ done: this.#ended, total: this.#total, secondsLeft });
  }
}
