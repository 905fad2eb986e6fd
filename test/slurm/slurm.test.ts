import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import SqliteDatabase from 'better-sqlite3';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { random } from '../../src/random.js';
import { ablate, type Folder, folderOf, grid, mm1, removePackage, results, until } from '../faults/harness.js';
import { type Cluster, missingSlurm, startCluster } from './cluster.js';

// A real controller and two real nodes. Where Slurm's packages are not installed there is nothing to test: .ci/run installs them where it can.

vi.setConfig({ testTimeout: 300_000, hookTimeout: 200_000 });
const missing = missingSlurm();

const SMOKE = readFileSync(new URL('../../configs/smoke.yaml', import.meta.url), 'utf8');
/** Trials whose trainings take some seconds, so that something can happen to them. */
const GRID = `scale: smoke
seeds: [0]
base:
  encoder: {model: vit-b, resolution: 28, steps: 40, batch: 4, pictures: 8}
  language_model: {steps: 40, batch: 2}
  training: {steps: 120, batch: 2, warmup: 1}
  data: {concepts: 12, documents: 12, text_documents: 20, interleaved: 0, text_from: emoji-texts}
axes:
  connector.type: [average-pool, attention-pool]
  connector.tokens: [1, 4]
evaluation:
  tasks: [emoji-question]
  items: 4
`;
const ON_SLURM = ['--executor', 'slurm', '--force'];
const pause = (milliseconds: number) => new Promise<null>((resolve) => setTimeout(resolve, milliseconds, null));

describe.skipIf(missing !== null)(`on a real cluster (skipped where Slurm is not installed: ${missing})`, () => {
  let cluster: Cluster;
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

  /** What a run came to, but for what hangs on who computed it. */
  const come = (folder: Folder) => {
    const { integrity, status, runs, trials } = results(folder.runs);
    return { integrity, status, runs, trials };
  };

  /** This run's jobs in the queue: number of the array, task, state. */
  const queue = () =>
    cluster
      .slurm('squeue', '--noheader', '--array', '--format=%F_%K %T %j')
      .split('\n')
      .filter(Boolean)
      .map((line) => line.split(' ') as [job: string, state: string, name: string]);

  const running = () => queue().filter(([, state]) => state === 'RUNNING');

  it('smoke.yaml comes to what it comes to here, bit for bit, and says as much on the way', async () => {
    const here = folderOf(SMOKE, 'smoke');
    const there = folderOf(SMOKE, 'smoke');
    const local = await ablate(here).ended;
    expect(local.status, local.stderr).toBe(0);
    const { status, stderr } = await ablate(there, ON_SLURM).ended;
    expect(status, stderr).toBe(0);
    expect(come(there)).toEqual(come(here));
    const titles = (text: string) =>
      [...text.matchAll(/^(\w[^:\n]*): (?:\d+ s|under 1 s)/gm)].map(([, title]) => title).sort();
    expect(titles(stderr)).toEqual(titles(local.stderr));
    expect(stderr).toMatch(/stages in 5 levels are with Slurm/);
    expect(queue()).toEqual([]);
    // The same command has nothing more to do: all is in the cache.
    const again = await ablate(there, ON_SLURM).ended;
    expect(again.status).toBe(0);
    expect(queue()).toEqual([]);
  });

  // Once more where it fails: after a crash the controller itself may lose jobs in ways that end only after its own long timeouts.
  it('tasks killed, cancelled, queued again and told that their time is over, a controller that crashes, heads that come and go: the same table', {
    retry: 1,
  }, async () => {
    const whole = folderOf(GRID);
    const reference = await ablate(whole).ended;
    expect(reference.status, reference.stderr).toBe(0);
    const folder = folderOf(GRID);
    const draw = random(0, 'slurm');
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
      cluster.slurm('sinfo', '--noheader', `--nodes=${node}`, '--format=%T').includes('down');
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
        if (job) cluster.slurm('scontrol', 'requeue', job);
        return job !== undefined;
      },
      async 'a task is cancelled'() {
        const job = some(queue())?.[0];
        if (job) cluster.slurm('scancel', job);
        return job !== undefined;
      },
      async "a task's time is over"() {
        const job = some(running())?.[0];
        if (job) cluster.slurm('scancel', '--signal=USR1', '--batch', job);
        return job !== undefined;
      },
      async 'a node is lost, and comes back'() {
        const node = some(cluster.nodes)!;
        cluster.killNode(node);
        for (let waited = 0; waited < 60 && !isDown(node); waited++) await pause(500);
        const down = isDown(node);
        cluster.startNode(node);
        return down;
      },
      async 'the controller crashes'() {
        cluster.killController();
        await pause(3000);
        await cluster.startController();
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
      cluster.resume();
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
    for (; !ended; ended = await Promise.race([head.ended, pause(1000)])) cluster.resume();
    process.stdout.write(`harms: ${done.join(', ')}\n`);
    expect(done.length, ended.stderr).toBeGreaterThanOrEqual(5);
    expect(ended.status, ended.stderr).toBe(0);
    expect(come(folder)).toEqual(come(whole));
    const cache = readdirSync(join(folder.runs, 'cache')).filter((name) => /^[0-9a-f]+$/.test(name));
    expect(new Set(cache)).toEqual(new Set(results(folder.runs).stages.map(({ key }) => key)));
  });

  it('a task has the GPU that it asked for to itself, and no more work at once than there are GPUs', async () => {
    const folder = folderOf(grid(2));
    const seen = join(folder.path, 'seen');
    const setup = `echo "$SLURM_JOB_NAME $SLURMD_NODENAME $CUDA_VISIBLE_DEVICES" >> ${seen}`;
    const head = ablate(folder, [...ON_SLURM, '--gres', 'gpu:1', '--setup', setup]);
    let most = 0;
    let ended: { status: number | null; stderr: string } | null = null;
    for (; !ended; ended = await Promise.race([head.ended, pause(200)])) most = Math.max(most, running().length);
    expect(ended.status, ended.stderr).toBe(0);
    expect(most).toBe(4); // two nodes of two
    const given = new Set(
      readFileSync(seen, 'utf8')
        .trimEnd()
        .split('\n')
        .map((line) => line.split(' ').slice(1).join(' ')),
    );
    expect([...given].sort()).toEqual(['node1 0', 'node1 1', 'node2 0', 'node2 1']);
    const refused = await ablate(folderOf(GRID), [...ON_SLURM, '--gres', 'gpu:3']).ended;
    expect(refused.status).toBe(1);
    expect(refused.stderr).toMatch(/E_SLURM: sbatch: .*not available[\s\S]*sinfo -o/i);
  });

  it('what no node can begin is tried again, and what somebody holds back is told of and waited for', async () => {
    const folder = folderOf(grid(1));
    cluster.setBroken(true);
    const head = ablate(folder, ON_SLURM);
    await until(head, /no node could begin its Slurm job \(launch.failed.requeued.held\).*attempt 2 of 3/);
    cluster.setBroken(false);
    cluster.resume();
    const waiting = () => queue().filter(([, state]) => state === 'PENDING');
    await expect.poll(() => waiting().length, { timeout: 60_000 }).toBeGreaterThan(0);
    const [held] = waiting().at(-1)!;
    cluster.slurm('scontrol', 'hold', held);
    await until(head, /wait with Slurm for "JobHeld(User|Admin)": see "scontrol show job \d+_\d+"/);
    cluster.slurm('scontrol', 'release', held);
    const { status, stderr } = await head.ended;
    expect(status, stderr).toBe(0);
    expect(come(folder)).toMatchObject({ status: 'done', runs: 1, integrity: 'ok' });
  });

  it.skipIf(spawnSync('unshare', ['--uts', 'true']).status !== 0)(
    'a head that was killed on another machine is gone on from here, once it has been silent for long',
    async () => {
      const folder = folderOf(GRID);
      const there = ablate(folder, ON_SLURM, {}, [
        'unshare',
        '--uts',
        'sh',
        '-c',
        'hostname elsewhere; exec "$@"',
        'sh',
      ]);
      await until(there, /are with Slurm/);
      there.child.kill('SIGKILL');
      await there.ended;
      const here = ablate(folder, ON_SLURM);
      await until(here, /process \d+ on elsewhere \(.*ten minutes\) runs this grid already/);
      const database = new SqliteDatabase(join(folder.runs, 'mm1.sqlite'));
      database.prepare('UPDATE locks SET taken_at = ?').run(new Date(Date.now() - 601_000).toISOString());
      database.close();
      const { status, stderr } = await here.ended;
      expect(status, stderr).toBe(0);
      expect(stderr).toMatch(/going on with/);
      expect(come(folder)).toMatchObject({ status: 'done', runs: 1, integrity: 'ok' });
    },
  );

  it('mm1 cancel takes its own jobs and no others out of the queue, and ends the head; the same command goes on', async () => {
    const folder = folderOf(GRID);
    const other = cluster
      .slurm('sbatch', '--parsable', '--job-name=mm1-other', '--output=/dev/null', '--wrap=sleep 300')
      .trim();
    const head = ablate(folder, ON_SLURM);
    await until(head, /are with Slurm/);
    const cancelled = mm1('cancel', '--runs-dir', folder.runs);
    expect(cancelled.stderr).toBe('');
    expect(cancelled.stdout).toMatch(/^cancelled \d+ tasks? of run \S+;/);
    expect((await head.ended).status).toBe(130);
    await expect.poll(() => queue().map(([, , name]) => name), { timeout: 30_000 }).toEqual(['mm1-other']);
    cluster.slurm('scancel', other);
    const again = await ablate(folder, ON_SLURM).ended;
    expect(again.status, again.stderr).toBe(0);
    expect(come(folder)).toMatchObject({ status: 'done', runs: 1, integrity: 'ok' });
  });

  it('what Slurm refuses is told before anything is submitted', async () => {
    const folder = folderOf(GRID);
    const { status, stderr } = await ablate(folder, [...ON_SLURM, '--partition', 'no-such']).ended;
    expect(status).toBe(1);
    expect(stderr).toMatch(/E_SLURM: sbatch: .*invalid partition/i);
    expect(stderr).toContain('sinfo');
    expect(stderr).not.toMatch(/^ {4}at /m);
    expect(queue()).toEqual([]);
    const shared = await ablate(folder, ['--executor', 'slurm']).ended;
    if (shared.status !== 0)
      expect(shared.stderr).toMatch(/E_SLURM: the runs folder is on a disk of this machine[\s\S]*df -T/);
    expect(existsSync(join(folder.runs, 'cache'))).toBe(true);
  });
});

it('without sbatch on the path that is said, and how to see it', async () => {
  const { status, stderr } = await ablate(folderOf(GRID), ON_SLURM, { PATH: '/nowhere' }).ended;
  expect(status).toBe(1);
  expect(stderr).toMatch(/E_SLURM: there is no scontrol on the path[\s\S]*which scontrol/);
});
