import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { random } from '../../src/random.js';
import { ablate, folderOf, results, until } from '../faults/harness.js';
import { missingSlurm } from './cluster.js';
import { come, GRID, ON_SLURM, pause, useCluster } from './setup.js';

// All that goes wrong on a cluster, in an order that a seed draws. MM1_FAULTS=long draws ten.

vi.setConfig({ testTimeout: 400_000, hookTimeout: 200_000 });
const SEEDS = process.env.MM1_FAULTS === 'long' ? [0, 1, 2, 3, 4, 5, 6, 7, 8, 9] : [0];

describe.skipIf(missingSlurm() !== null)('on a real cluster', () => {
  const there = useCluster();
  const { queue, running } = there;

  // Once more where it fails: after a crash the controller itself may lose jobs in ways that end only after its own long timeouts.
  it.each(SEEDS)(
    'tasks killed, cancelled, queued again and told that their time is over, a controller that crashes, a node that is lost, heads that come and go: the same table (%i)',
    { retry: 1 },
    async (seed) => {
      const whole = folderOf(GRID);
      const reference = await ablate(whole).ended;
      expect(reference.status, reference.stderr).toBe(0);
      const folder = folderOf(GRID);
      const draw = random(seed, 'slurm');
      const done: string[] = [];
      /** The processes that compute tasks of this folder's run. */
      const workers = () =>
        readdirSync('/proc')
          .filter((pid) => /^\d+$/.test(pid))
          .filter((pid) => {
            try {
              return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(`worker\0${folder.runs}`);
            } catch {
              return false;
            }
          })
          .map(Number);
      const isDown = (node: string) =>
        there.cluster.slurm('sinfo', '--noheader', `--nodes=${node}`, '--format=%T').includes('down');
      const some = <Item>(items: readonly Item[]): Item | undefined => items[draw.below(Math.max(1, items.length))];
      const patience = { MM1_HEARTBEAT: '25' }; // of a task that Slurm holds for running, and that is gone
      let head = ablate(folder, ON_SLURM, patience);
      const harms: Record<string, () => Promise<boolean>> = {
        async 'a task is killed'() {
          const pid = some(workers());
          if (pid !== undefined) process.kill(pid, 'SIGKILL');
          return pid !== undefined;
        },
        async 'a task is queued again'() {
          const job = some(running())?.[0];
          if (job) there.cluster.slurm('scontrol', 'requeue', job);
          return job !== undefined;
        },
        async 'a task is cancelled'() {
          const job = some(queue())?.[0];
          if (job) there.cluster.slurm('scancel', job);
          return job !== undefined;
        },
        async "a task's time is over"() {
          const job = some(running())?.[0];
          if (job) there.cluster.slurm('scancel', '--signal=USR1', '--batch', job);
          return job !== undefined;
        },
        async 'a node is lost, and comes back'() {
          const node = some(there.cluster.nodes)!;
          there.cluster.killNode(node);
          for (let waited = 0; waited < 60 && !isDown(node); waited++) await pause(500);
          const down = isDown(node);
          there.cluster.startNode(node);
          return down;
        },
        async 'the controller crashes'() {
          there.cluster.killController();
          await pause(3000);
          await there.cluster.startController();
          return true;
        },
        async 'the head is killed'() {
          head.child.kill('SIGKILL');
          await head.ended;
          await pause(1000);
          head = ablate(folder, ON_SLURM, patience);
          return true;
        },
        async 'the head is stopped'() {
          await Promise.race([until(head, /are with Slurm/).catch(() => {}), head.ended]);
          head.child.kill('SIGINT');
          const { status, stderr } = await head.ended;
          if (status !== 0) expect(status, stderr).toBe(130);
          head = ablate(folder, ON_SLURM, patience);
          return true;
        },
      };
      await until(head, /are with Slurm/);
      const waiting = Object.keys(harms);
      let ended: { status: number | null; stderr: string } | null = null;
      while (waiting.length > 0) {
        ended = await Promise.race([head.ended, pause(300 + draw.uniform() * 1200)]);
        if (ended) break;
        there.cluster.resume();
        const name = waiting[draw.below(waiting.length)]!;
        // Slurm may have ended the very job meanwhile: then another is looked for.
        const worked = await harms[name]!().catch((error: unknown) => {
          if (/Invalid job|already|not running|completing|altered now/i.test(String(error))) return false;
          throw error;
        });
        if (!worked) continue;
        done.push(name);
        waiting.splice(waiting.indexOf(name), 1);
      }
      for (; !ended; ended = await Promise.race([head.ended, pause(1000)])) there.cluster.resume();
      process.stdout.write(`harms: ${done.join(', ')}\n`);
      expect(done.length, ended.stderr).toBeGreaterThanOrEqual(5);
      expect(ended.status, ended.stderr).toBe(0);
      expect(come(folder)).toEqual(come(whole));
      const cache = readdirSync(join(folder.runs, 'cache')).filter((name) => /^[0-9a-f]+$/.test(name));
      expect(new Set(cache)).toEqual(new Set(results(folder.runs).stages.map(({ key }) => key)));
    },
  );
});
