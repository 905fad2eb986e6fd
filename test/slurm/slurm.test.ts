import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import SqliteDatabase from 'better-sqlite3';
import { describe, expect, it, vi } from 'vitest';
import { ablate, folderOf, grid, mm1, until } from '../faults/harness.js';
import { missingSlurm } from './cluster.js';
import { come, GRID, ON_SLURM, pause, useCluster } from './setup.js';

// A real controller and two real nodes. Where Slurm's packages are not installed there is nothing to test: .ci/run installs them where it can.

vi.setConfig({ testTimeout: 300_000, hookTimeout: 200_000 });
const missing = missingSlurm();

const SMOKE = readFileSync(new URL('../../configs/smoke.yaml', import.meta.url), 'utf8');
describe.skipIf(missing !== null)(`on a real cluster (skipped where Slurm is not installed: ${missing})`, () => {
  const there = useCluster();
  const { queue, running } = there;

  it('smoke.yaml comes to what it comes to here, bit for bit, and says as much on the way', async () => {
    const here = folderOf(SMOKE, 'smoke');
    const slurm = folderOf(SMOKE, 'smoke');
    const local = await ablate(here).ended;
    expect(local.status, local.stderr).toBe(0);
    const { status, stderr } = await ablate(slurm, ON_SLURM).ended;
    expect(status, stderr).toBe(0);
    expect(come(slurm)).toEqual(come(here));
    const titles = (text: string) =>
      [...text.matchAll(/^(\w[^:\n]*): (?:\d+ s|under 1 s)/gm)].map(([, title]) => title).sort();
    expect(titles(stderr)).toEqual(titles(local.stderr));
    expect(stderr).toMatch(/stages in 5 levels are with Slurm/);
    expect(queue()).toEqual([]);
    // The same command has nothing more to do: all is in the cache.
    const again = await ablate(slurm, ON_SLURM).ended;
    expect(again.status).toBe(0);
    expect(queue()).toEqual([]);
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
    there.cluster.setBroken(true);
    const head = ablate(folder, ON_SLURM);
    await until(head, /no node could begin its Slurm job \(launch.failed.requeued.held\).*attempt 2 of 3/);
    there.cluster.setBroken(false);
    there.cluster.resume();
    const waiting = () => queue().filter(([, state]) => state === 'PENDING');
    await expect.poll(() => waiting().length, { timeout: 60_000 }).toBeGreaterThan(0);
    const [held] = waiting().at(-1)!;
    there.cluster.slurm('scontrol', 'hold', held);
    await until(head, /wait with Slurm for "JobHeld(User|Admin)": see "scontrol show job \d+_\d+"/);
    there.cluster.slurm('scontrol', 'release', held);
    const { status, stderr } = await head.ended;
    expect(status, stderr).toBe(0);
    expect(come(folder)).toMatchObject({ status: 'done', runs: 1, integrity: 'ok' });
  });

  it.skipIf(spawnSync('unshare', ['--uts', 'true']).status !== 0)(
    'a head that was killed on another machine is gone on from here, once it has been silent for long',
    async () => {
      const folder = folderOf(GRID);
      const elsewhere = ablate(folder, ON_SLURM, {}, [
        'unshare',
        '--uts',
        'sh',
        '-c',
        'hostname elsewhere; exec "$@"',
        'sh',
      ]);
      await until(elsewhere, /are with Slurm/);
      elsewhere.child.kill('SIGKILL');
      await elsewhere.ended;
      const here = ablate(folder, ON_SLURM);
      await until(here, /process \d+ on elsewhere \(.*10 min\) runs this grid already/);
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
    const other = there.cluster
      .slurm('sbatch', '--parsable', '--job-name=mm1-other', '--output=/dev/null', '--wrap=sleep 300')
      .trim();
    const head = ablate(folder, ON_SLURM);
    await until(head, /are with Slurm/);
    const cancelled = mm1('cancel', '--runs-dir', folder.runs);
    expect(cancelled.stderr).toBe('');
    expect(cancelled.stdout).toMatch(/^cancelled \d+ tasks? of run \S+;/);
    expect((await head.ended).status).toBe(130);
    await expect.poll(() => queue().map(([, , name]) => name), { timeout: 30_000 }).toEqual(['mm1-other']);
    there.cluster.slurm('scancel', other);
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
