import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { Store } from '../../src/store/store.js';
import { ablate, childrenOf, type Folder, folderOf, grid, removePackage, results, until } from './harness.js';

vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });

let reference: ReturnType<typeof results>;
let whole: Folder;

beforeAll(async () => {
  whole = folderOf(grid(1));
  const { status, stderr } = await ablate(whole).ended;
  expect(status, stderr).toBe(0);
  reference = results(whole.runs);
});
afterAll(removePackage);

/** What was computed, by title, over all runs of a folder. */
function computed(runs: string): string[] {
  const store = Store.openReadOnly(join(runs, 'mm1.sqlite'));
  const titles = store
    .runs()
    .flatMap(({ id }) => store.stages(id).flatMap(({ cached, title }) => (cached ? [] : [title])));
  store.close();
  return titles.sort();
}

/** A module that every process of a command loads first. */
function preload(folder: Folder, code: string): Record<string, string> {
  const file = join(folder.path, 'preload.mjs');
  writeFileSync(file, code);
  return { NODE_OPTIONS: `--import ${file}` };
}

describe('two commands at once', () => {
  it('of one grid: the second waits for the first, and nothing is computed twice', async () => {
    const folder = folderOf(grid(1));
    const first = ablate(folder);
    await until(first, /^run /m);
    const second = ablate(folder);
    await until(second, /runs this grid already: waiting/);
    const [one, two] = await Promise.all([first.ended, second.ended]);
    expect([one.status, two.status], two.stderr).toEqual([0, 0]);
    const found = results(folder.runs);
    expect([found.runs, found.trials]).toEqual([1, reference.trials]);
  });

  it('of one grid: the second takes over where the first is killed', async () => {
    const folder = folderOf(grid(1));
    const first = ablate(folder);
    await until(first, /^run /m);
    const second = ablate(folder);
    await until(second, /waiting/);
    first.child.kill('SIGKILL');
    const { status, stderr } = await second.ended;
    expect(status, stderr).toBe(0);
    expect(stderr).toContain('going on with');
    expect(results(folder.runs)).toMatchObject({ runs: 1, trials: reference.trials });
  });

  it('of two grids that share stages: each stage is computed once', async () => {
    const folder = folderOf(grid(1));
    const other = { ...folder, grid: join(folder.path, 'other.yaml') };
    writeFileSync(other.grid, grid(1).replace('[1, 4]', '[4]'));
    const [one, two] = await Promise.all([ablate(folder).ended, ablate(other).ended]);
    expect([one.status, two.status], one.stderr + two.stderr).toEqual([0, 0]);
    const titles = computed(folder.runs);
    expect(titles).toEqual([...new Set(titles)]);
    expect(titles).toEqual(computed(whole.runs));
  });
});

describe('one worker, two and three', () => {
  it.each(['1', '2', '3'])('come to the same, each stage once: %s', async (workers) => {
    const folder = folderOf(grid(1));
    const { status, stderr } = await ablate(folder, ['--workers', workers]).ended;
    expect(status, stderr).toBe(0);
    const found = results(folder.runs);
    expect(found.trials).toEqual(reference.trials);
    expect(computed(folder.runs)).toEqual(computed(whole.runs));
  });
});

describe('a worker', () => {
  it('that hangs is ended, and its stage computed by another', async () => {
    const folder = folderOf(grid(1));
    const running = ablate(folder, [], { MM1_HEARTBEAT: '6' });
    await until(running, /^questions .*: /m);
    process.kill(childrenOf(running.child.pid!)[0]!, 'SIGSTOP');
    const { status, stderr } = await running.ended;
    expect(status, stderr).toBe(0);
    expect(stderr).toMatch(/gave no sign of life for 6 s; attempt 2 of 3/);
    expect(results(folder.runs).trials).toEqual(reference.trials);
  });

  it('that is killed before it is ready is started again; one that never gets ready is told', async () => {
    const folder = folderOf(grid(1));
    const early = (times: number) => `import { existsSync, writeFileSync } from 'node:fs';
    if (process.argv[1]?.endsWith('worker.js')) {
      const mark = [...Array(${times}).keys()].map((i) => ${JSON.stringify(join(folder.path, 'early'))} + i).find((file) => !existsSync(file));
      if (mark) { writeFileSync(mark, ''); process.kill(process.pid, 'SIGKILL'); }
    }`;
    const { status, stderr } = await ablate(folder, [], preload(folder, early(2))).ended;
    expect(status, stderr).toBe(0);
    expect(results(folder.runs).trials).toEqual(reference.trials);
    const never = await ablate(folder, [], preload(folder, early(9))).ended;
    expect(never.status).toBe(1);
    expect(never.stderr).toContain('E_WORKER: no worker could be started: it ended with SIGKILL');
  });

  it('that writes garbage to its standard output disturbs nothing', async () => {
    const folder = folderOf(grid(1));
    const garbage = `if (process.argv[1]?.endsWith('worker.js')) {
      const bytes = Buffer.from(Array.from({ length: 5000 }, (_, i) => (i * 37) % 256));
      setInterval(() => { process.stdout.write(bytes); process.stderr.write(bytes); }, 5).unref();
    }`;
    const { status, stderr } = await ablate(folder, [], preload(folder, garbage)).ended;
    expect(status, stderr).toBe(0);
    expect(results(folder.runs).trials).toEqual(reference.trials);
  });

  it('that crashes each time fails its trials alone, with its code, its attempts and the end of its log', async () => {
    const folder = folderOf(grid(1));
    const crash = `if (process.argv[1]?.endsWith('worker.js')) {
      process.on('message', ({ stage }) => {
        if (stage?.title.includes('attention-pool 4')) { process.stderr.write('about to crash\\n'); process.abort(); }
      });
    }`;
    const { status, stderr } = await ablate(folder, [], preload(folder, crash)).ended;
    expect(status).toBe(1);
    expect(stderr).toContain('attempt 3 of 3');
    const { trials, stages } = results(folder.runs);
    expect(trials.map((trial) => trial.status)).toEqual(['done', 'done', 'done', 'failed']);
    const failed = stages.find((stage) => stage.status === 'failed')!;
    expect(failed).toMatchObject({
      errorCode: 'E_WORKER',
      attempts: 3,
      log: expect.stringContaining('about to crash'),
    });

    // Without the fault: not before it is asked for.
    expect((await ablate(folder).ended).status).toBe(1);
    const again = await ablate(folder, ['--retry-failed']).ended;
    expect(again.status, again.stderr).toBe(0);
    expect(results(folder.runs)).toMatchObject({ runs: 1, trials: reference.trials });
  });
});

it('a clock that jumps changes nothing', async () => {
  const folder = folderOf(grid(1));
  const jump = `const real = Date.now; let shift = 0;
    setInterval(() => { shift = (Math.random() - 0.5) * 7.2e6; }, 50).unref();
    Date.now = () => real() + shift;`;
  const { status, stderr } = await ablate(folder, [], preload(folder, jump)).ended;
  expect(status, stderr).toBe(0);
  expect(results(folder.runs).trials).toEqual(reference.trials);
});

describe('the disk', () => {
  it.each([
    ['cut short', (file: string) => truncateSync(file, 100)],
    [
      'of flipped bytes',
      (file: string) => {
        const bytes = readFileSync(file);
        bytes[bytes.length >> 1]! ^= 0xff;
        writeFileSync(file, bytes);
      },
    ],
  ])('an entry of the cache that is %s is computed again, and said aloud', async (_, damage) => {
    const folder = folderOf(grid(1));
    expect((await ablate(folder).ended).status).toBe(0);
    const { stages } = results(folder.runs);
    for (const kind of ['encoder', 'pretrain', 'evaluate']) {
      const { key } = stages.find((stage) => stage.kind === kind)!;
      const at = join(folder.runs, 'cache', key);
      damage(join(at, readdirSync(at).find((name) => name !== 'stage.json')!));
    }
    const { status, stderr } = await ablate(folder).ended;
    expect(status, stderr).toBe(0);
    expect(stderr).toMatch(/the cached result is damaged/);
    expect(results(folder.runs).trials).toEqual(reference.trials);
  });

  it('a database that is cut short is told, and nothing of it is written to', async () => {
    const folder = folderOf(grid(1));
    expect((await ablate(folder).ended).status).toBe(0);
    const file = join(folder.runs, 'mm1.sqlite');
    truncateSync(file, 5000);
    const before = readFileSync(file);
    const { status, stderr } = await ablate(folder).ended;
    expect(status).toBe(1);
    expect(stderr).toMatch(/E_STORE: the database is damaged/);
    expect(stderr).not.toContain('    at ');
    expect(readFileSync(file).equals(before)).toBe(true);
  });

  it.skipIf(process.getuid?.() === 0)('a folder that cannot be written is told', async () => {
    const folder = folderOf(grid(1));
    mkdirSync(folder.runs);
    chmodSync(folder.runs, 0o500);
    const { status, stderr } = await ablate(folder).ended;
    expect(status).toBe(1);
    expect(stderr).toMatch(/E_STORE|E_CACHE/);
    expect(stderr).not.toContain('    at ');
  });

  it('a disk that is full ends the run with a fault that says so; with room, it goes on to the same results', (test) => {
    const folder = folderOf(grid(1));
    mkdirSync(folder.runs);
    const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=700k', 'tmpfs', folder.runs]);
    if (mounted.status !== 0) return test.skip('no file system can be mounted here');
    return full(folder);
  });
});

async function full(folder: Folder): Promise<void> {
  try {
    const { status, stderr } = await ablate(folder).ended;
    expect(status).toBe(1);
    expect(stderr).toMatch(/E_STORE|E_CACHE|E_DISK/);
    expect(stderr).toMatch(/disk/);
    expect(stderr).not.toContain('    at ');
    expect(spawnSync('mount', ['-o', 'remount,size=200m', folder.runs]).status).toBe(0);
    const again = await ablate(folder).ended;
    expect(again.status, again.stderr).toBe(0);
    const found = results(folder.runs);
    expect([found.integrity, found.trials]).toEqual(['ok', reference.trials]);
  } finally {
    spawnSync('umount', ['-l', folder.runs]);
  }
}

it('a report can be made at any moment of a run', async () => {
  const folder = folderOf(grid(1));
  const running = ablate(folder);
  await until(running, /^run /m);
  while (running.child.exitCode === null) {
    const { status } = results(folder.runs);
    expect(['running', 'done']).toContain(status);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  expect((await running.ended).status).toBe(0);
});
