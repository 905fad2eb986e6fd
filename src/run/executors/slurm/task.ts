import { execFileSync } from 'node:child_process';
import { dirname } from 'node:path';
import { openEngine } from '../../../engine/index.js';
import { StageCache } from '../../../store/cache.js';
import { computeStage } from '../../compute-stage.js';
import { faultOf } from '../../stage-fault.js';
import type { StageOrder } from '../executor.js';
import { eventWriter, type TaskEvent } from './events.js';
import { Spool } from './spool.js';

/**
 * What a task of a job array does: computes one stage and puts its result into the cache. It touches no database; what it has to say stands in a
 * file of its own. Told that its time is over (SIGUSR1), it keeps a checkpoint and has itself queued again; told to end (SIGTERM), it
 * keeps one and ends.
 * @returns the exit status
 */
export async function slurmTask(root: string, batch: number, task: number): Promise<number> {
  const spool = new Spool(root);
  const order = spool.order(batch, task);
  const { stage } = order;
  const { tell, close } = eventWriter(spool.events, stage.key);
  try {
    const end = await compute(order, tell);
    tell(end.event);
    if (end.requeue) requeue();
    return end.event.type === 'failed' ? 1 : 0;
  } finally {
    close();
  }
}

/** Milliseconds between two signs of life. */
const ALIVE_EVERY = 10_000;

interface End {
  readonly event: TaskEvent;
  /** Whether its time is over, and the job is to go on later. */
  readonly requeue: boolean;
}

async function compute(order: StageOrder, tell: (event: TaskEvent) => void): Promise<End> {
  const { stage, checkpoints, parents, places, work } = order;
  const root = dirname(checkpoints);
  const cache = new StageCache(root);
  const ended = (event: TaskEvent, requeue = false): End => ({ event, requeue });
  if (cache.has(stage.key)) return ended({ type: 'published' });
  if (Object.values(stage.parents).some((key) => !cache.has(key))) return ended({ type: 'early' });
  let asked: 'time' | 'end' | null = null;
  process.on('SIGUSR1', () => (asked ??= 'time'));
  process.on('SIGTERM', () => (asked ??= 'end'));
  try {
    const engine = await openEngine(undefined, root);
    const { SLURMD_NODENAME: host = '', SLURM_JOB_ID: job = '' } = process.env;
    tell({ type: 'started', host, job, engine });
    setInterval(() => tell({ type: 'alive' }), ALIVE_EVERY).unref();
    const folder = cache.begin(stage.key);
    const end = await computeStage({ stage, folder, checkpoints, parents, places }, tell, () => asked !== null);
    if (end.type !== 'done') {
      cache.abandon(folder);
      return ended(end, end.type === 'stopped' && asked === 'time');
    }
    const { key, kind, title } = stage;
    await cache.publish(folder, { key, kind, title, seconds: end.seconds, summary: { ...end.summary, ...work } });
    return ended({ type: 'published' });
  } catch (error) {
    return ended({ type: 'failed', fault: faultOf(error) });
  }
}

/** Has Slurm queue this task again: it is then ended, and starts over where it was. Where that fails, the head submits it again. */
function requeue(): void {
  const { SLURM_ARRAY_JOB_ID: array, SLURM_ARRAY_TASK_ID: task } = process.env;
  try {
    execFileSync('scontrol', ['requeue', `${array}_${task}`], { stdio: 'inherit' });
  } catch {
    process.stderr.write('the job could not be queued again\n');
  }
}
