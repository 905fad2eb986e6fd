import type { StageOrder } from '../executor.js';
import { type Queued, type Slurm, SlurmAway } from './commands.js';
import { type Batch, batchOf, jobName, logFile, type Spool } from './spool.js';

/** How jobs are written and submitted. */
export interface JobsInput {
  readonly run: string;
  readonly spool: Spool;
  readonly slurm: Slurm;
  readonly limits: { readonly array: number; readonly jobs: number };
  /** The script of a batch that waits for jobs. */
  readonly scriptOf: (batch: Batch, after: readonly string[]) => string;
}

/** Part of the controller's jobs that one run takes at most: the others are other people's. */
const SHARE = 0.9;

/** Looks in which a task was at work whose stage was done, after which it is taken to be gone. */
const IDLE_LOOKS = 3;

/** A batch, and where it stands with Slurm. */
interface Submitted extends Batch {
  /** Number of its job; null before it is submitted. */
  job: string | null;
}

/** Where a task in the queue stands, in Slurm's words. */
type Standing = Pick<Queued, 'state' | 'reason'>;

const SUBMITTED: Standing = { state: 'PENDING', reason: 'None' };

/** Reasons to wait that pass by themselves (squeue(1), "JOB REASON CODES"). */
const USUAL: readonly string[] = [
  ...['None', 'Priority', 'Resources', 'Dependency', 'JobArrayTaskLimit', 'BeginTime', 'Prolog', 'Cleaning'],
  ...['WaitingForScheduling', 'NodeDown', 'JobLaunchFailure'],
];
/** What Slurm holds back for good where a node could not begin it; another node may. */
const NOT_BEGUN = /launch[ _]failed|JobHoldMaxRequeue/;

/**
 * The job arrays of a run: one or several for each level of its stages, each submitted to wait for those of the level before. As many are
 * in the queue at once as the controller takes; the others follow as those end.
 */
export class Jobs {
  /** The batch and task that each stage was last put into. */
  readonly #places = new Map<string, { readonly batch: Submitted; readonly task: number }>();
  readonly #unsent: Submitted[] = [];
  readonly #sent = new Map<number, Submitted>();
  #next = 1;
  /** What was in the queue when it was last looked at, by batch and task. */
  #queued = new Map<number, Map<number, Standing>>();
  /** In how many looks on end a task was at work whose stage was done. */
  readonly #idle = new Map<string, number>();

  constructor(readonly input: JobsInput) {}

  /** Takes up what earlier heads of this run have in the queue. @throws SlurmAway */
  async takeUp(): Promise<void> {
    for (const batch of this.input.spool.batches()) {
      const known = { ...batch, job: null };
      this.#sent.set(batch.number, known);
      this.#next = Math.max(this.#next, batch.number + 1);
      for (const [task, key] of batch.keys.entries()) this.#places.set(key, { batch: known, task });
    }
    await this.look();
  }

  /** Looks at the queue. @throws SlurmAway */
  async look(): Promise<void> {
    const { slurm, run } = this.input;
    this.#queued = new Map();
    for (const queued of await slurm.queue()) this.#notice(queued, run);
  }

  #notice({ name, job, task, ...standing }: Queued, run: string): void {
    const number = batchOf(run, name);
    if (number === null) return;
    const known = this.#queued.get(number) ?? new Map<number, Standing>();
    known.set(task, standing);
    this.#queued.set(number, known);
    const batch = this.#sent.get(number);
    if (batch) batch.job = job;
  }

  /** Whether a stage waits to be submitted, or was in the queue when it was last looked at. */
  has(key: string): boolean {
    const place = this.#places.get(key);
    return place !== undefined && (this.#unsent.includes(place.batch) || this.#standing(key) !== undefined);
  }

  #standing(key: string): Standing | undefined {
    const place = this.#places.get(key);
    return place && this.#queued.get(place.batch.number)?.get(place.task);
  }

  /** Whether a stage's task was at work when the queue was last looked at. */
  isRunning(key: string): boolean {
    return this.#standing(key)?.state === 'RUNNING';
  }

  /** Why a stage's task is held back for good, because no node could begin it; null where it is not. */
  notBegun(key: string): string | null {
    const { state, reason } = this.#standing(key) ?? {};
    return state === 'PENDING' && reason && NOT_BEGUN.test(reason) ? reason : null;
  }

  /** Reasons for which tasks wait and that somebody may have to see to, each with the number of its tasks and one of them. */
  concerns(): Map<string, { readonly tasks: number; readonly example: string }> {
    const found = new Map<string, { tasks: number; example: string }>();
    for (const [number, tasks] of this.#queued) {
      for (const [task, { state, reason }] of tasks) {
        if (state !== 'PENDING' || USUAL.includes(reason) || NOT_BEGUN.test(reason)) continue;
        const { tasks: count, example } = found.get(reason) ?? {
          tasks: 0,
          example: `${this.#sent.get(number)?.job}_${task}`,
        };
        found.set(reason, { tasks: count + 1, example });
      }
    }
    return found;
  }

  /** Takes a stage's task out of the queue. @throws SlurmAway */
  async drop(key: string): Promise<void> {
    const place = this.#places.get(key);
    if (!place?.batch.job) return;
    await this.input.slurm.cancel([`${place.batch.job}_${place.task}`]);
    this.#queued.get(place.batch.number)?.delete(place.task);
  }

  /**
   * Takes tasks out of the queue that Slurm holds for running though their stages are done: of a task that ended while the controller
   * was away it may never hear, and what waits for it would wait for ever.
   * @throws SlurmAway
   */
  async dropFinished(isDone: (key: string) => boolean): Promise<void> {
    const finished: string[] = [];
    for (const [number, tasks] of this.#queued) {
      const batch = this.#sent.get(number);
      for (const [task, { state }] of tasks) {
        const name = `${batch?.job}_${task}`;
        const looks = batch && state === 'RUNNING' && isDone(batch.keys[task]!) ? (this.#idle.get(name) ?? 0) + 1 : 0;
        if (looks > 0) this.#idle.set(name, looks);
        else this.#idle.delete(name);
        if (looks >= IDLE_LOOKS) finished.push(name);
      }
    }
    await this.input.slurm.cancel(finished);
  }

  /** Where what a stage's task writes goes to; null where it was never put into a batch. */
  logOf(key: string): string | null {
    const place = this.#places.get(key);
    return place ? logFile(this.input.spool.root, place.batch.number, place.task) : null;
  }

  /** Puts stages of one level into batches, which wait to be submitted. */
  add(level: number, orders: readonly StageOrder[]): void {
    const { array } = this.input.limits;
    for (let start = 0; start < orders.length; start += array - 1) {
      const some = orders.slice(start, start + array - 1);
      const batch = { ...this.input.spool.writeBatch(this.#next++, level, some), job: null };
      for (const [task, key] of batch.keys.entries()) this.#places.set(key, { batch, task });
      this.#unsent.push(batch);
    }
  }

  /**
   * Submits what waits, as far as there is room.
   * @throws SlurmAway where the controller does not answer: it is tried again later
   */
  async submit(): Promise<void> {
    const { slurm, limits, scriptOf, spool, run } = this.input;
    for (let batch = this.#unsent[0]; batch; batch = this.#unsent[0]) {
      if (this.inQueue > 0 && this.inQueue + batch.keys.length > limits.jobs * SHARE) return;
      const script = spool.writeScript(batch.number, scriptOf(batch, this.#before(batch.level)));
      try {
        batch.job = await slurm.submit(script);
      } catch (error) {
        if (!(error instanceof SlurmAway)) throw error;
        // It may have been taken all the same: its name tells.
        const taken = (await slurm.queue()).find(({ name }) => name === jobName(run, batch!.number));
        if (!taken) throw error;
        batch.job = taken.job;
      }
      this.#unsent.shift();
      this.#sent.set(batch.number, batch);
      this.#queued.set(batch.number, new Map(batch.keys.map((_, task) => [task, SUBMITTED])));
    }
  }

  /** Jobs in the queue of the levels before: of a job that has ended Slurm knows nothing more. */
  #before(level: number): string[] {
    return [...this.#sent.values()].flatMap(({ number, level: own, job }) =>
      own < level && job !== null && (this.#queued.get(number)?.size ?? 0) > 0 ? [job] : [],
    );
  }

  /** Number of tasks in the queue, and those of stages that wait to be submitted left out. */
  get inQueue(): number {
    return [...this.#queued.values()].reduce((sum, { size }) => sum + size, 0);
  }
}
