import { appendFileSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadGrid } from '../../../src/config/load.js';
import type { Stage } from '../../../src/plan/stage.js';
import type { StageOrder } from '../../../src/run/executors/executor.js';
import { levelsOf } from '../../../src/run/executors/slurm/batches.js';
import { type Queued, type Slurm, SlurmAway } from '../../../src/run/executors/slurm/commands.js';
import { EventReader, eventWriter, type TaskEvent } from '../../../src/run/executors/slurm/events.js';
import { Jobs } from '../../../src/run/executors/slurm/jobs.js';
import { batchScript, secondsOf } from '../../../src/run/executors/slurm/script.js';
import { type Batch, batchOf, jobName, Spool } from '../../../src/run/executors/slurm/spool.js';

const folder = () => mkdtempSync(join(tmpdir(), 'mm1-spool-'));
const order = (key: string, parents: Record<string, string> = {}): StageOrder => ({
  stage: { key, kind: 'pretrain', title: key, parents, checkpoint: null, spec: {} } as unknown as Stage,
  ...{ checkpoints: '', parents: {}, places: { grid: '', runs: '' }, work: {} },
});

it('a job is known by its name alone, and no other is taken for it', () => {
  expect(batchOf('20261128-a', jobName('20261128-a', 12))).toBe(12);
  for (const other of ['mm1-20261128-ab-0001', 'mm1-20261128-a-x', 'mm1-20261128-a-', 'other', 'mm1-20261128-0001']) {
    expect(batchOf('20261128-a', other)).toBeNull();
  }
});

it('levels are the longest chains', () => {
  const orders = [order('a'), order('b', { x: 'a' }), order('c', { x: 'cached' }), order('d', { x: 'b', y: 'c' })];
  expect(levelsOf(orders).map((level) => level.map(({ stage }) => stage.key))).toEqual([['a', 'c'], ['b'], ['d']]);
});

describe('a script', () => {
  const input = {
    ...{
      name: 'mm1-r-0001',
      tasks: 3,
      atOnce: 2,
      after: ['7', '9'],
      log: '/runs/%a.log',
      environment: { MM1_ENGINE: 'wasm' },
    },
    command: ['/usr/bin/node', '/a b/main.js', 'worker'],
  };

  it('says all that the grid says', () => {
    const settings = {
      ...{ partition: 'gpu', account: 'lab', gres: 'gpu:1', time: '4:00:00', memory: '64G', cpus: 8 },
      ...{ sbatch: ['--constraint=a100'], setup: 'module load cuda\nulimit -n 4096' },
    };
    const lines = batchScript({ ...input, settings }).split('\n');
    expect(lines[0]).toBe('#!/bin/bash');
    for (const option of [
      'array=0-2%2',
      'dependency=afterany:7:9',
      'partition=gpu',
      'account=lab',
      'gres=gpu:1',
      'time=4:00:00',
      'mem=64G',
      'cpus-per-task=8',
      'constraint=a100',
      'requeue',
      'signal=B:USR1@90',
    ]) {
      expect(lines).toContain(`#SBATCH --${option}`);
    }
    expect(lines.slice(-5)).toEqual([
      'export MM1_ENGINE=wasm',
      'module load cuda',
      'ulimit -n 4096',
      "exec /usr/bin/node '/a b/main.js' worker",
      '',
    ]);
  });

  it.each([
    ['1', 60, 15],
    ['2:30', 150, 37],
    ['0:5:00', 300, 75],
    ['4:00:00', 14_400, 90],
    ['1-2', 93_600, 90],
    ['1-2:30:10', 95_410, 90],
    ['UNLIMITED', null, 90],
  ])('warns in time before %s is over', (time, seconds, warning) => {
    expect(secondsOf(time)).toBe(seconds);
    expect(batchScript({ ...input, settings: { time } })).toContain(`#SBATCH --signal=B:USR1@${warning}\n`);
  });

  it('says nothing of what nobody said', () => {
    const text = batchScript({ ...input, atOnce: null, after: [], settings: {} });
    expect(text).toContain('#SBATCH --array=0-2\n');
    expect(text).not.toMatch(/dependency|partition|undefined|null/);
  });
});

describe('what tasks say', () => {
  const read = (reader: EventReader) => {
    const heard: [string, TaskEvent][] = [];
    reader.read(
      (key, event) => void heard.push([key, event]),
      (key) => key !== 'unwanted',
    );
    return heard;
  };

  it('is read once, whoever says it, and what nobody waits for later', () => {
    const at = folder();
    const writer = eventWriter(at, 'a');
    const reader = new EventReader(at);
    writer.tell({ type: 'note', text: 'one' });
    eventWriter(at, 'unwanted').tell({ type: 'published' });
    expect(read(reader)).toEqual([['a', { type: 'note', text: 'one' }]]);
    expect(read(reader)).toEqual([]);
    writer.tell({ type: 'published' });
    expect(read(reader)).toEqual([['a', { type: 'published' }]]);
    const all: string[] = [];
    reader.read(
      (key) => void all.push(key),
      () => true,
    );
    expect(all).toEqual(['unwanted']);
  });

  it('may end in the midst of a line, which is read when it is whole', () => {
    const at = folder();
    const file = join(at, 'a.host.1.1.jsonl');
    const reader = new EventReader(at);
    writeFileSync(file, '{"type":"note","text":"wh');
    expect(read(reader)).toEqual([]);
    appendFileSync(file, 'ole"}\n{"type":"publi');
    expect(read(reader)).toEqual([['a', { type: 'note', text: 'whole' }]]);
    appendFileSync(file, '\0\0\n{"type":"published"}\n'); // torn, as after a power cut, and gone on with
    expect(read(reader)).toEqual([['a', { type: 'published' }]]);
  });

  it('before now is passed over', () => {
    const at = folder();
    const writer = eventWriter(at, 'a');
    writer.tell({ type: 'published' });
    const reader = new EventReader(at);
    reader.skip();
    writer.tell({ type: 'early' });
    expect(read(reader)).toEqual([['a', { type: 'early' }]]);
  });
});

/** A controller that takes what it is given, and holds so many jobs; the test ends them. */
function controller(limits: { array: number; jobs: number }) {
  let jobs: { name: string; job: string; tasks: number[]; after: string[]; state: string; reason: string }[] = [];
  let away = 0;
  let next = 100;
  const slurm: Slurm = {
    async submit(script) {
      const text = readFileSync(script, 'utf8');
      const [, name, last, after] = /name=(\S+) last=(\d+) after=(\S*)/.exec(text)!;
      const tasks = Array.from({ length: Number(last) + 1 }, (_, i) => i);
      if (tasks.length >= limits.array) throw new Error('too many tasks');
      if (jobs.reduce((sum, job) => sum + job.tasks.length, tasks.length) > limits.jobs)
        throw new Error('too many jobs');
      const job = String(next++);
      jobs.push({ name: name!, job, tasks, state: 'PENDING', reason: 'None', after: after ? after.split(':') : [] });
      if (away-- > 0) throw new SlurmAway('Socket timed out');
      return job;
    },
    queue: async (): Promise<Queued[]> => jobs.flatMap(({ tasks, ...job }) => tasks.map((task) => ({ ...job, task }))),
    async cancel(names) {
      jobs = jobs.map((job) => ({ ...job, tasks: job.tasks.filter((task) => !names.includes(`${job.job}_${task}`)) }));
    },
    limits: async () => limits,
  };
  return {
    slurm,
    jobs: () => jobs,
    end: (count: number) => void jobs.splice(0, count),
    loseAnswers: (n: number) => (away = n),
    set: (state: string, reason = 'None') => (jobs = jobs.map((job) => ({ ...job, state, reason }))),
  };
}

describe('job arrays', () => {
  const open = (limits: { array: number; jobs: number }, root = folder()) => {
    const there = controller(limits);
    const spool = new Spool(root);
    const scriptOf = (batch: Batch, after: readonly string[]) =>
      `name=${jobName('r', batch.number)} last=${batch.keys.length - 1} after=${after.join(':')}\n`;
    const jobs = () => new Jobs({ run: 'r', spool, slurm: there.slurm, limits, scriptOf });
    return { there, spool, jobs };
  };
  const level = (name: string, count: number) => Array.from({ length: count }, (_, i) => order(`${name}${i}`));

  it('are as long as the controller takes, and wait for all of the levels before', async () => {
    const { there, jobs } = open({ array: 11, jobs: 1000 });
    const made = jobs();
    made.add(0, level('a', 25));
    made.add(1, level('b', 3));
    await made.submit();
    expect(there.jobs().map(({ tasks, after }) => [tasks.length, after])).toEqual([
      [10, []],
      [10, []],
      [5, []],
      [3, ['100', '101', '102']],
    ]);
  });

  it('that do not fit are submitted as others end', async () => {
    const { there, jobs } = open({ array: 11, jobs: 30 });
    const made = jobs();
    made.add(0, level('a', 60));
    await made.submit();
    expect(there.jobs()).toHaveLength(2); // nine tenths of 30
    expect(made.has('a59')).toBe(true);
    there.end(1);
    await made.look();
    await made.submit();
    expect(there.jobs()).toHaveLength(2);
    expect(made.has('a0')).toBe(false);
  });

  it('are taken up by the next head, and not submitted twice where an answer is lost', async () => {
    const { there, jobs } = open({ array: 11, jobs: 1000 });
    there.loseAnswers(1);
    const first = jobs();
    first.add(0, level('a', 12));
    await first.submit();
    expect(there.jobs().map(({ name }) => name)).toEqual(['mm1-r-0001', 'mm1-r-0002']);
    const second = jobs();
    await second.takeUp();
    expect(['a0', 'a11', 'b0'].map((key) => second.has(key))).toEqual([true, true, false]);
    second.add(0, level('b', 1));
    await second.submit();
    expect(there.jobs().at(-1)!.name).toBe('mm1-r-0003');
  });

  it('of which a task is held for running though its stage is done lose it after three looks', async () => {
    const { there, jobs } = open({ array: 11, jobs: 1000 });
    const made = jobs();
    made.add(0, level('a', 2));
    await made.submit();
    there.set('RUNNING');
    for (const left of [2, 2, 1]) {
      await made.look();
      await made.dropFinished((key) => key === 'a1');
      expect(there.jobs()[0]!.tasks).toHaveLength(left);
    }
  });
});

describe('tasks that wait', () => {
  const waiting = async (state: string, reason: string) => {
    const there = controller({ array: 11, jobs: 100 });
    const scriptOf = ({ number, keys }: Batch) => `name=${jobName('r', number)} last=${keys.length - 1} after=\n`;
    const jobs = new Jobs({
      run: 'r',
      spool: new Spool(folder()),
      slurm: there.slurm,
      limits: { array: 11, jobs: 100 },
      scriptOf,
    });
    jobs.add(0, [order('a'), order('b')]);
    await jobs.submit();
    there.set(state, reason);
    await jobs.look();
    return jobs;
  };

  it.each(['Resources', 'Priority', 'Dependency', 'None'])('for %s are nothing to speak of', async (reason) => {
    const jobs = await waiting('PENDING', reason);
    expect(jobs.concerns()).toEqual(new Map());
    expect(jobs.notBegun('a')).toBeNull();
  });

  it.each(['JobHeldUser', 'PartitionDown', 'QOSMaxJobsPerUserLimit'])('for %s are told of', async (reason) => {
    const jobs = await waiting('PENDING', reason);
    expect([...jobs.concerns()]).toEqual([[reason, { tasks: 2, example: '100_0' }]]);
    expect(jobs.notBegun('a')).toBeNull();
    expect((await waiting('RUNNING', reason)).concerns()).toEqual(new Map());
  });

  it.each(['launch failed requeued held', 'launch_failed_requeued_held', 'JobHoldMaxRequeue'])(
    'for good (%s), as no node could begin them, are no concern but a failure',
    async (reason) => {
      const jobs = await waiting('PENDING', reason);
      expect(jobs.concerns()).toEqual(new Map());
      expect(jobs.notBegun('b')).toBe(reason);
      expect(jobs.notBegun('c')).toBeNull();
      expect((await waiting('RUNNING', reason)).notBegun('b')).toBeNull();
    },
  );
});

it("a grid's slurm settings decide no result, and are checked", () => {
  const at = folder();
  const grid = (slurm: string) => {
    const file = join(at, 'grid.yaml');
    writeFileSync(file, `scale: smoke\nseeds: [0]\naxes: {connector.tokens: [4, 16]}\n${slurm}`);
    return loadGrid(file);
  };
  const plain = grid('');
  const told = grid('slurm: {partition: gpu, max_jobs: 4, setup: "module load cuda"}\n');
  expect(told.slurm).toEqual({ partition: 'gpu', max_jobs: 4, setup: 'module load cuda' });
  expect(told.hash).toBe(plain.hash);
  expect(() => grid('slurm: {partion: gpu}\n')).toThrow(/partion/);
  expect(() => grid('slurm: {partition: "a; rm -rf /"}\n')).toThrow(/one word/);
});
