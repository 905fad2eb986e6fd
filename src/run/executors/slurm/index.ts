import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { SlurmSettings } from '../../../config/slurm.js';
import type { Engine } from '../../../engine/index.js';
import { StageCache } from '../../../store/cache.js';
import { cacheFolder } from '../../../store/place.js';
import { counted } from '../../../units.js';
import type { StageFault } from '../../stage-fault.js';
import type { Executor, Outcome, StageOrder, StageRequest } from '../executor.js';
import { hungAfter } from '../hung.js';
import { levelsOf, scriptsOf } from './batches.js';
import { checkShared } from './check.js';
import { type Slurm, slurmCommands } from './commands.js';
import { EventReader, isEnd, type TaskEvent } from './events.js';
import { Jobs } from './jobs.js';
import { patiently } from './patience.js';
import { jobName, Spool, spoolFolder } from './spool.js';

/** Where stages are computed, and how. */
export interface SlurmOptions {
  readonly runsFolder: string;
  /** Engine that tasks compute on. */
  readonly engine: Engine;
  readonly settings: SlurmSettings;
  readonly note: (text: string) => void;
  /** Whether to submit although other machines may not see the folder. */
  readonly force?: boolean;
  /** Another Slurm, for measurements. */
  readonly slurm?: Slurm;
}

/** Milliseconds between two readings of what tasks say, and two looks at the queue. */
const READ_EVERY = 500;
const LOOK_EVERY = 5000;
/** Looks at the queue in which a task is not found, and says nothing, after which it is lost. */
const LOST_AFTER = 2;
/** Characters of a log that are kept. */
const KEPT = 4000;

/** A stage that somebody waits for. */
interface Awaited {
  readonly request: StageRequest;
  readonly resolve: (outcome: Outcome) => void;
  /** Whether a task has begun to compute it. */
  started: boolean;
  /** The last that a task said at its end. */
  end: TaskEvent | null;
  /** Looks at the queue in which it was not there. */
  missing: number;
  /** When a task last said something of it, or was seen to wait: milliseconds. */
  sign: number;
}

/**
 * A cluster under Slurm. What a run needs is put into job arrays at once, one for each level of its stages; a task computes one stage and puts its result
 * into the cache on the shared folder, whether a head is there or not. The head reads what tasks say, and submits again what was lost.
 * @throws Mm1Error E_SLURM where something is amiss that can be seen before anything is submitted
 */
export async function slurmExecutor(options: SlurmOptions): Promise<Executor> {
  const { runsFolder, engine, settings, note, slurm = slurmCommands } = options;
  let stopped = false;
  const ask = <Result>(question: () => Promise<Result>) => patiently(question, note, () => stopped);
  const limits = await ask(() => slurm.limits());
  if (!options.force) checkShared(resolve(runsFolder));
  const cache = new StageCache(cacheFolder(runsFolder));
  const awaited = new Map<string, Awaited>();
  let jobs: Jobs | null = null;
  let events: EventReader | null = null;
  let spool: Spool | null = null;
  let watching = false;
  let fault: unknown = null;
  const hung = hungAfter();

  async function enlist(run: string, orders: readonly StageOrder[]): Promise<void> {
    const at = new Spool(resolve(spoolFolder(runsFolder, run)));
    at.isCancelled = false;
    const scriptOf = scriptsOf(run, at.root, engine, settings);
    jobs = new Jobs({ run, spool: at, slurm, limits, scriptOf });
    await ask(() => jobs!.takeUp());
    events = new EventReader(at.events);
    events.skip();
    spool = at;
    const levels = levelsOf(orders.filter(({ stage }) => !jobs!.has(stage.key)));
    for (const [level, some] of levels.entries()) jobs.add(level, some);
    await ask(() => jobs!.submit());
    note(
      `${orders.length} stages in ${levels.length} levels are with Slurm, as jobs ${jobName(run, 1).replace(/\d+$/, '*')}; to cancel them: mm1 cancel ${run}`,
    );
  }

  /** Reads, looks and submits until nobody waits any more. */
  async function watch(): Promise<void> {
    let looked = performance.now();
    for (;;) {
      // Told at once: whoever comes to wait from here on has it start again.
      watching = awaited.size > 0 && !stopped;
      if (!watching) return;
      events!.read(hear, (key) => awaited.has(key));
      if (spool!.isCancelled) return stop();
      if (performance.now() - looked >= LOOK_EVERY) {
        await ask(() => jobs!.look());
        looked = performance.now();
        events!.read(hear, (key) => awaited.has(key)); // what was said before the queue was looked at
        for (const [key, stage] of awaited) {
          const notBegun = jobs!.notBegun(key);
          if (jobs!.isRunning(key)) await dropHung(key, stage);
          else if (notBegun) await dropNotBegun(key, stage, notBegun);
          else settleMissing(key, stage);
        }
        sayConcerns();
        await ask(() => jobs!.dropFinished((key) => cache.has(key)));
        await ask(() => jobs!.submit());
      }
      await sleep(READ_EVERY);
    }
  }

  function hear(key: string, event: TaskEvent): void {
    const stage = awaited.get(key);
    if (!stage) return;
    stage.missing = 0;
    stage.sign = performance.now();
    if (event.type === 'started') {
      stage.started = true;
      stage.end = null;
      stage.request.onStart();
    } else if (event.type === 'progress') stage.request.onProgress(event.progress);
    else if (event.type === 'note') stage.request.onNote(event.text);
    else if (event.type === 'metrics') stage.request.onMetrics(event.rows);
    else if (event.type === 'published') settlePublished(key, stage);
    else if (event.type === 'failed') fail(key, stage, event.fault);
    else if (isEnd(event)) stage.end = event;
  }

  const settle = (key: string, stage: Awaited, outcome: Outcome) => {
    awaited.delete(key);
    stage.resolve(outcome);
  };

  /** A result may be seen on another machine a little later than what is said of it. */
  function settlePublished(key: string, stage: Awaited): boolean {
    const manifest = cache.peek(key);
    if (manifest) settle(key, stage, { type: 'published', manifest });
    return manifest !== null;
  }

  /** Decides what became of a stage that no job in the queue is at. */
  function settleMissing(key: string, stage: Awaited): void {
    stage.sign = performance.now();
    if (jobs!.has(key)) return;
    if (settlePublished(key, stage)) return;
    if (stage.end === null && ++stage.missing < LOST_AFTER) return; // what a task said may come a little later
    stage.missing = 0;
    if (stage.started && stage.end === null) {
      const message = 'its Slurm job ended without a word: it was killed, or took more memory than it had asked for';
      fail(key, stage, { code: 'E_KILLED', message, stack: null });
      return;
    }
    // A job that was lost before it began, that came too early, or whose time was over: once more.
    note(`${stage.request.stage.title}: its job is gone from the queue, and is submitted again`);
    submitAgain(stage);
  }

  /** Ends a task that Slurm holds for running, and of which nothing is heard any more. */
  async function dropHung(key: string, stage: Awaited): Promise<void> {
    const seconds = Math.round((performance.now() - stage.sign) / 1000);
    if (seconds < hung || settlePublished(key, stage)) return;
    await ask(() => jobs!.drop(key));
    const message = `its Slurm job gave no sign of life for ${seconds} s`;
    fail(key, stage, { code: 'E_HUNG', message, stack: null });
  }

  /** Ends a task that no node could begin: Slurm would hold it back until somebody releases it. */
  async function dropNotBegun(key: string, stage: Awaited, reason: string): Promise<void> {
    await ask(() => jobs!.drop(key));
    const message = `no node could begin its Slurm job (${reason}); "sinfo -R" shows what is wrong with a node`;
    fail(key, stage, { code: 'E_KILLED', message, stack: null });
  }

  const concerns = new Set<string>();

  /** Says once of each reason why tasks wait that may not pass by itself. */
  function sayConcerns(): void {
    for (const [reason, { tasks, example }] of jobs!.concerns()) {
      if (concerns.has(reason)) continue;
      concerns.add(reason);
      note(`${counted(tasks, 'task')} wait with Slurm for "${reason}": see "scontrol show job ${example}"`);
    }
  }

  function submitAgain(stage: Awaited): void {
    stage.started = false;
    stage.end = null;
    jobs!.add(0, [stage.request]);
  }

  function fail(key: string, stage: Awaited, fault: StageFault): void {
    const file = jobs!.logOf(key);
    const log = file && existsSync(file) ? readFileSync(file, 'utf8').slice(-KEPT) : '';
    settle(key, stage, { type: 'failed', fault, log });
  }

  /** Keys that were once answered for: asked for again, they are computed again. */
  const answered = new Set<string>();

  function compute(request: StageRequest): Promise<Outcome> {
    const { key } = request.stage;
    if (fault) throw fault;
    if (stopped) return Promise.resolve({ type: 'stopped' });
    return new Promise<Outcome>((resolve) => {
      const stage: Awaited = { request, resolve, started: false, end: null, missing: 0, sign: performance.now() };
      awaited.set(key, stage);
      if (answered.has(key)) submitAgain(stage);
      answered.add(key);
      if (watching) return;
      watching = true;
      watch().catch((error: unknown) => {
        watching = false;
        fault = error;
        stop();
      });
    }).then((outcome) => {
      if (fault) throw fault;
      return outcome;
    });
  }

  /** The jobs go on; nobody waits for them here any more. */
  function stop(): void {
    stopped = true;
    for (const [key, stage] of awaited) settle(key, stage, { type: 'stopped' });
  }

  return {
    engine,
    workers: Number.POSITIVE_INFINITY,
    get devices() {
      return Math.max(1, Math.min(settings.max_jobs ?? Number.POSITIVE_INFINITY, jobs?.inQueue ?? 1));
    },
    enlist,
    compute,
    stop,
    close: stop,
  };
}
