import { spawnSync } from 'node:child_process';
import { afterAll, afterEach, beforeAll } from 'vitest';
import { type Folder, grid, removePackage, results } from '../faults/harness.js';
import { type Cluster, startCluster } from './cluster.js';

/** Trials whose trainings take some seconds, so that something can happen to them. */
export const GRID = grid(1, { training: 120, before: 40 });
export const ON_SLURM = ['--executor', 'slurm', '--force'];
export const pause = (milliseconds: number) => new Promise<null>((resolve) => setTimeout(resolve, milliseconds, null));

/** What a run came to, but for what hangs on who computed it. */
export function come(folder: Folder) {
  const { integrity, status, runs, trials } = results(folder.runs);
  return { integrity, status, runs, trials };
}

/** A cluster for the tests of one file, each of which finds it whole and empty. */
export function useCluster() {
  let cluster: Cluster;
  /** This user's jobs in the queue: number of the array and task, state, name. */
  const queue = () =>
    cluster
      .slurm('squeue', '--noheader', '--array', '--format=%F_%K %T %j')
      .split('\n')
      .filter(Boolean)
      .map((line) => line.split(' ') as [job: string, state: string, name: string]);
  beforeAll(async () => {
    cluster = await startCluster();
    Object.assign(process.env, cluster.env);
  });
  afterEach(({ task }) => {
    if (task.result?.state === 'fail') process.stdout.write(cluster.slurm('scontrol', 'show', 'node'));
    cluster.setBroken(false);
    cluster.resume();
    for (const [job] of queue()) spawnSync('scancel', [job.replace('_N/A', '')]);
  });
  afterAll(() => {
    cluster?.stop();
    removePackage();
  });
  return {
    get cluster() {
      return cluster;
    },
    queue,
    running: () => queue().filter(([, state]) => state === 'RUNNING'),
  };
}
