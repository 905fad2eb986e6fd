import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { ablate, type Folder, folderOf, grid, mm1, removePackage, results, until } from './harness.js';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

let folder: Folder;
let reference: ReturnType<typeof results>;

beforeAll(async () => {
  folder = folderOf(grid(1));
  const { status, stderr } = await ablate(folder).ended;
  expect(status, stderr).toBe(0);
  reference = results(folder.runs);
});
afterAll(removePackage);

const say = (...args: string[]) => mm1(...args, '--runs-dir', folder.runs);

describe('mm1 plan', () => {
  it('says what is shared and what is there already, and what a change would take, by what it took before', () => {
    const { estimate } = JSON.parse(say('plan', folder.grid, '--json').stdout);
    expect(estimate.seconds).toBe(0);
    expect(estimate.stages.every(({ cached }: { cached: boolean }) => cached)).toBe(true);
    const more = JSON.parse(say('plan', folder.grid, '--json', '--seeds', '0,1').stdout).estimate;
    const ahead = more.stages.filter(({ cached }: { cached: boolean }) => !cached);
    expect(ahead.map(({ kind }: { kind: string }) => kind).sort()).toEqual(
      [...Array(4).fill('evaluate'), ...Array(4).fill('pretrain')].sort(),
    );
    expect(new Set(ahead.map(({ basis }: { basis: string }) => basis))).toEqual(new Set(['measured']));
    const text = say('plan', folder.grid, '--seeds', '0,1').stdout;
    expect(text).toMatch(/trials +4 variants x 2 seeds = 8/);
    expect(text).toMatch(/pretrain +8 +8 +4/);
    expect(text).toContain('by what such stages took here');
  });

  it('runs nothing and writes nothing', () => {
    const other = folderOf(grid(1));
    expect(mm1('plan', other.grid, '--runs-dir', other.runs).status).toBe(0);
    expect(() => readdirSync(other.runs)).toThrow();
  });

  it('tells what is wrong with a grid', () => {
    const { status, stderr } = say('plan', folder.grid, '--set', 'connector.tokens=3');
    expect(status).toBe(1);
    expect(stderr).toContain('--set connector.tokens=3: connector.tokens must be a square');
  });
});

describe('mm1 runs', () => {
  it('lists how each stands', () => {
    expect(say('runs').stdout).toMatch(/-faults +done +smoke +4\/4/);
    const [run] = JSON.parse(say('runs', '--json').stdout);
    expect(run).toMatchObject({ standing: 'done', trials: { done: 4, failed: 0 } });
  });

  it('tells one at work from one that is lost, which can be watched to its end', async () => {
    const other = folderOf(grid(1));
    const running = ablate(other);
    await until(running, /^encoder .*: /m);
    const listed = () => mm1('runs', '--runs-dir', other.runs).stdout;
    expect(listed()).toMatch(/at work/);
    running.child.kill('SIGKILL');
    await running.ended;
    expect(listed()).toMatch(/lost/);
    const lost = mm1('watch', '--runs-dir', other.runs);
    expect([lost.status, lost.stdout]).toEqual([130, expect.stringContaining('its process is gone')]);
    const again = ablate(other);
    await until(again, /going on with/);
    const watched = mm1('watch', '--runs-dir', other.runs);
    expect(watched.status, watched.stderr).toBe(0);
    expect(watched.stdout).toMatch(/grid: 4\/4 trials\n[\s\S]*done: 4\/4 trials done/);
    expect((await again.ended).status).toBe(0);
    expect(results(other.runs).trials).toEqual(reference.trials);
  });
});

it('a run that is detached goes on after its terminal is gone, and says on its file what a terminal would show', async () => {
  const other = folderOf(grid(1));
  const { status, stdout } = mm1('ablate', other.grid, '--detach', '--runs-dir', other.runs);
  expect(status).toBe(0);
  const [, pid, log] = /^process (\d+) runs it; what it says goes to (\S+\.log)\./.exec(stdout)!;
  const session = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ')[3];
  expect(session).toBe(pid); // its own: no terminal's hang-up reaches it
  while (!/To see the results/.test(readFileSync(log!, 'utf8')))
    await new Promise((resolve) => setTimeout(resolve, 100));
  expect(results(other.runs).trials).toEqual(reference.trials);
});

it('a grid that was changed is another run, which says what changed and reuses what did not', async () => {
  const { status, stderr } = await ablate(folder, ['--set', 'training.steps=3', '--seeds', '0,1']).ended;
  expect(status, stderr).toBe(0);
  expect(stderr).toMatch(/since run \S+: 4 of 4 variants new; 4 variants gone; seeds 0 now 0, 1/);
  expect(stderr).toMatch(/language model: found in the cache/);
});

describe('the cache', () => {
  it('is listed', () => {
    const entries = JSON.parse(say('cache', '--json').stdout);
    expect(entries.map(({ key }: { key: string }) => key)).toEqual(
      expect.arrayContaining(reference.stages.map(({ key }) => key)),
    );
    expect(say('cache').stdout).toMatch(/encoder vit-b 28 px +\d/);
  });

  it('loses what was used longest ago, and what is needed again is computed again', async () => {
    expect(say('gc', '--keep', '20').stderr).toBe('');
    const other = folderOf(grid(1));
    expect((await ablate(other).ended).status).toBe(0);
    const dry = mm1('gc', '--keep', '0B', '--dry-run', '--runs-dir', other.runs).stdout;
    expect(dry).toMatch(/would remove \d+ stages.*kept 0, 0 B/);
    expect(readdirSync(join(other.runs, 'cache')).length).toBeGreaterThan(10);
    expect(mm1('gc', '--keep', '0B', '--runs-dir', other.runs).stdout).toMatch(/removed \d+ stages/);
    expect(readdirSync(join(other.runs, 'cache')).filter((name) => !name.includes('-'))).toEqual([]);
    const { status, stderr } = await ablate(other).ended;
    expect(status, stderr).toBe(0);
    expect(results(other.runs).trials).toEqual(reference.trials);
  });

  it('keeps what a run uses', async () => {
    const other = folderOf(grid(1));
    const running = ablate(other);
    await until(running, /^encoder .*: /m);
    const { stdout } = mm1('gc', '--keep', '0B', '--runs-dir', other.runs);
    expect(stdout).toMatch(/removed 0 stages.*of which a run uses \d/);
    expect((await running.ended).status).toBe(0);
    expect(results(other.runs).trials).toEqual(reference.trials);
  });

  it('a size that is none is told', () => {
    const { status, stderr } = say('gc', '--keep', 'much');
    expect([status, stderr]).toEqual([2, expect.stringContaining('E_USAGE')]);
  });
});

it('mm1 schema prints JSON alone', () => {
  expect(JSON.parse(mm1('schema').stdout)).toMatchObject({ title: 'Grid of mm1', type: 'object' });
});

it('a variant that does not fit into memory is refused with the figure, before anything starts', () => {
  const { status, stderr } = say('ablate', folder.grid, '--scale', '30b');
  expect(status).toBe(1);
  expect(stderr).toMatch(/E_MEMORY: .*need.* about [\d.]+ [GT]B of memory to train/);
});
