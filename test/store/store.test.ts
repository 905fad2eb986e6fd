import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import SqliteDatabase from 'better-sqlite3';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import type { Plan } from '../../src/config/plan.js';
import { Mm1Error } from '../../src/errors.js';
import type { ItemScoreRow, RunRow, StageRow } from '../../src/store/rows.js';
import { newRunId } from '../../src/store/run-id.js';
import { Store } from '../../src/store/store.js';
import { ITEMS, PROVENANCE, SCORES, temporaryFolder, twoByTwo } from './fixtures.js';

const folder = temporaryFolder();
afterAll(folder.remove);

let count = 0;
let store: Store;
let plan: Plan;
let run: RunRow;
let trials: number[];

beforeEach(() => {
  store = Store.open(`${folder.path}/${count++}/runs/mm1.sqlite`);
  plan = twoByTwo(folder.path);
  run = store.beginRun(plan, PROVENANCE);
  trials = store.trials(run.id).map(({ id }) => id);
  return () => store.close();
});

describe('a new run', () => {
  test('holds the plan, its provenance, its variants and its trials', () => {
    expect(run).toEqual({
      id: expect.stringMatching(/^\d{8}-\d{6}-connector$/),
      name: 'connector',
      question: 'Why?',
      status: 'running',
      scale: 'smoke',
      planHash: plan.hash,
      gridPath: plan.gridPath,
      gridText: plan.gridText,
      axes: plan.axes,
      design: { kind: 'full' },
      exclusions: [],
      plannedSeconds: null,
      seeds: [0, 7],
      evaluation: plan.evaluation,
      provenance: PROVENANCE,
      startedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      finishedAt: null,
    });
    const variants = store.variants(run.id);
    expect(variants.map(({ id, runId, ...variant }) => variant)).toEqual(plan.variants);
    const pending = {
      status: 'pending',
      error: null,
      errorCode: null,
      startedAt: null,
      finishedAt: null,
      seconds: null,
    };
    expect(store.trials(run.id)).toEqual(
      variants.flatMap(({ id }) =>
        [0, 7].map((seed) => ({ id: expect.any(Number), runId: run.id, variantId: id, seed, ...pending })),
      ),
    );
  });

  test('has an id of its own even within the same second', () => {
    const ids = Array.from({ length: 5 }, () => store.beginRun(plan, PROVENANCE).id);
    expect(new Set([run.id, ...ids]).size).toBe(6);
  });

  test('is the latest', () => {
    const newest = store.beginRun(plan, PROVENANCE);
    expect(store.run('latest').id).toBe(newest.id);
    expect(store.run(run.id)).toEqual(run);
    expect(store.runs().map(({ id }) => id)).toEqual([newest.id, run.id]);
  });
});

test('a run id is the time in UTC and the name in letters that a shell and a folder take', () => {
  const at = new Date('2026-11-22T18:15:30.999Z');
  const taken = new Set<string>();
  const next = (name: string) => {
    const id = newRunId(at, name, (candidate) => taken.has(candidate));
    taken.add(id);
    return id;
  };
  expect(next('connector')).toBe('20261122-181530-connector');
  expect(next('connector')).toBe('20261122-181530-connector-2');
  expect(next('connector')).toBe('20261122-181530-connector-3');
  expect(next('../My Grid é!')).toBe('20261122-181530-my-grid');
  expect(next('网格')).toBe('20261122-181530-grid');
});

describe('finding a run', () => {
  const fault = (action: () => unknown): Mm1Error => {
    try {
      action();
    } catch (error) {
      if (error instanceof Mm1Error) return error;
      throw error;
    }
    throw new Error('no error');
  };

  test('that does not exist names the nearest ids', () => {
    const error = fault(() => store.run(run.id.slice(0, -1)));
    expect(error.code).toBe('E_RUN_NOT_FOUND');
    expect(error.remedy).toContain(run.id);
  });

  test('where there is none says how to start one', () => {
    const empty = Store.open(`${folder.path}/empty.sqlite`);
    const error = fault(() => empty.run('latest'));
    empty.close();
    expect(error.code).toBe('E_NO_RUNS');
    expect(error.remedy).toContain('mm1 ablate');
  });
});

describe('a trial', () => {
  test('goes from pending over running to done with all of its rows', () => {
    const [first = 0, second] = trials;
    store.startTrial(first);
    expect(store.trials(run.id)[0]).toMatchObject({ status: 'running', startedAt: expect.any(String) });
    store.finishTrial(first, 12.5, SCORES, ITEMS);
    expect(store.trials(run.id)[0]).toMatchObject({ status: 'done', seconds: 12.5, finishedAt: expect.any(String) });
    expect(store.scores(run.id)).toEqual(
      SCORES.map((score) => ({
        trialId: first,
        ...score,
        itemValues: Float64Array.from(score.condition === 'asked' ? [10, 15] : []),
      })),
    );
    expect(store.items(first)).toEqual(ITEMS);
    expect(store.items(second ?? 0)).toEqual([]);
  });

  test("has its items' values in the order of the run's first, and says what they are about and what it stands on", () => {
    const [first = 0, second = 0] = trials;
    const context = { concepts: new Map([['a', 'apple']]), stages: ['k1', 'k2', 'k1'] };
    store.finishTrial(first, 1, SCORES, ITEMS, context);
    store.finishTrial(second, 1, SCORES, ITEMS.toReversed());
    const asked = store.scores(run.id).filter(({ condition }) => condition === 'asked');
    expect(asked.map(({ itemValues }) => [...itemValues])).toEqual([
      [10, 15],
      [10, 15],
    ]);
    expect(store.taskItems(run.id)).toEqual(
      new Map([['emoji-caption', { items: ['a', 'b'], concepts: ['apple', 'b'] }]]),
    );
    expect(store.trialStages(run.id)).toEqual(new Map([[first, ['k1', 'k2']]]));
    const other = ITEMS.slice(0, 1).map((item) => ({ ...item, item: 'c' }));
    expect(() => store.finishTrial(second, 1, SCORES, other)).toThrow('no other trial of the run was asked c');
    expect(store.items(second)).toHaveLength(2);
  });

  test('that is finished again has its newest rows alone', () => {
    const [first = 0] = trials;
    store.finishTrial(first, 1, SCORES, ITEMS);
    store.finishTrial(first, 2, SCORES.slice(0, 1), ITEMS.slice(0, 1));
    expect(store.scores(run.id)).toHaveLength(1);
    expect(store.items(first)).toEqual(ITEMS.slice(0, 1));
  });

  test('that fails keeps its error and no score', () => {
    const [first = 0] = trials;
    store.finishTrial(first, 1, SCORES, ITEMS, { stages: ['k'] });
    store.startTrial(first);
    store.failTrial(first, 'E_ENGINE', 'E_ENGINE: out of memory');
    expect(store.trials(run.id)[0]).toMatchObject({
      status: 'failed',
      errorCode: 'E_ENGINE',
      error: 'E_ENGINE: out of memory',
    });
    expect(store.scores(run.id)).toEqual([]);
    expect(store.trialStages(run.id)).toEqual(new Map());
  });

  test('whose rows are wrong changes nothing', () => {
    const [first = 0] = trials;
    store.finishTrial(first, 1, SCORES, ITEMS);
    const twice = [...ITEMS, ...ITEMS].map((item) => ({ ...item, value: 99 }));
    expect(() => store.finishTrial(first, 2, SCORES, twice)).toThrow(/UNIQUE/);
    expect(store.trials(run.id)[0]).toMatchObject({ status: 'done', seconds: 1 });
    expect(store.items(first)).toEqual(ITEMS);
  });

  test('that does not exist is a bug', () => {
    expect(() => store.startTrial(999)).toThrow('trial 999 is not in');
    expect(() => store.finishTrial(999, 1, [], [])).toThrow('trial 999 is not in');
  });

  test('scores belong to their own run', () => {
    const other = store.beginRun(plan, PROVENANCE);
    store.finishTrial(trials[0] ?? 0, 1, SCORES, ITEMS);
    expect(store.scores(other.id)).toEqual([]);
    expect(store.taskItems(other.id)).toEqual(new Map());
  });
});

describe("a variant's answers", () => {
  const [TASK] = ITEMS;
  const answer = (item: string, value: number, over: Partial<ItemScoreRow> = {}) => ({
    ...TASK!,
    item,
    value,
    ...over,
  });
  const asked = () => {
    const { task, shots, metric, condition } = TASK!;
    return { variantId: store.variants(run.id)[0]!.id, task, shots, metric, condition };
  };
  const seen = (first: 'lowest' | 'highest', limit = 9) =>
    store.answers(asked(), first, limit).map(({ item, seed, demonstrationSeed, value }) => {
      return [item, seed, demonstrationSeed, value];
    });

  test('come item by item in the order of the means, all answers of an item together', () => {
    const [zero = 0, seven = 0, other = 0] = trials;
    store.finishTrial(
      zero,
      1,
      [],
      [answer('a', 4), answer('a', 6, { demonstrationSeed: 0 }), answer('b', 1), answer('c', 8)],
    );
    store.finishTrial(seven, 1, [], [answer('a', 5), answer('b', 90), answer('c', 2)]);
    store.finishTrial(other, 1, [], [answer('d', 0)]);
    const a = [
      ['a', 0, 0, 6],
      ['a', 0, 2, 4],
      ['a', 7, 2, 5],
    ];
    const b = [
      ['b', 0, 2, 1],
      ['b', 7, 2, 90],
    ];
    const c = [
      ['c', 0, 2, 8],
      ['c', 7, 2, 2],
    ];
    // a and c are equally good: by name.
    expect(seen('lowest')).toEqual([...a, ...c, ...b]);
    expect(seen('highest')).toEqual([...b, ...a, ...c]);
    expect(seen('lowest', 1)).toEqual(a);
    expect(store.answers(asked(), 'highest', 1)[0]).toEqual({ ...answer('b', 1), seed: 0 });
  });

  test('are those of one task, number of shots and condition, and of finished trials', () => {
    const [zero = 0, seven = 0] = trials;
    const others = [
      answer('a', 1, { shots: 8 }),
      answer('b', 1, { condition: 'blind' }),
      answer('c', 1, { task: 'emoji-question' }),
      answer('d', 1, { metric: 'BLEU-4' }),
    ];
    store.finishTrial(zero, 1, [], [...others, answer('e', 3)]);
    store.finishTrial(seven, 1, [], [answer('e', 5)]);
    store.startTrial(seven);
    expect(seen('lowest')).toEqual([['e', 0, 2, 3]]);
  });
});

describe('a run that was interrupted', () => {
  test('is found by its plan until it is done, and the newest first', () => {
    expect(store.unfinishedRun(plan.hash)?.id).toBe(run.id);
    const newer = store.beginRun(plan, PROVENANCE);
    expect(store.unfinishedRun(plan.hash)?.id).toBe(newer.id);
    store.finishRun(newer.id, 'done');
    expect(store.unfinishedRun(plan.hash)?.id).toBe(run.id);
    store.finishRun(run.id, 'done');
    expect(store.unfinishedRun(plan.hash)).toBeUndefined();
    expect(store.unfinishedRun('another')).toBeUndefined();
  });

  test('keeps what is done; all else is pending', () => {
    const [first = 0, second = 0, third = 0] = trials;
    store.finishTrial(first, 1, SCORES, ITEMS);
    store.failTrial(second, 'E_KILLED', 'no luck');
    store.startTrial(third);
    store.finishRun(run.id, 'interrupted');
    expect(store.trials(run.id).map(({ status }) => status)).toEqual(['done', 'failed', 'pending', 'pending']);
    expect(store.run(run.id)).toMatchObject({ status: 'interrupted', finishedAt: expect.any(String) });

    const resumed = store.resumeRun(run.id, { ...PROVENANCE, commit: 'def' }, true);
    expect(resumed).toMatchObject({ id: run.id, status: 'running', finishedAt: null, provenance: { commit: 'def' } });
    expect(store.trials(run.id).map(({ status, error }) => [status, error])).toEqual([
      ['done', null],
      ['pending', null],
      ['pending', null],
      ['pending', null],
    ]);
    expect(store.scores(run.id)).toHaveLength(SCORES.length);
    expect(store.launches(run.id).map(({ provenance }) => provenance.commit)).toEqual(['abc', 'def']);
  });

  test('leaves what failed as it is, unless it is asked to', () => {
    const [first = 0, second = 0] = trials;
    store.failTrial(first, 'E_KILLED', 'no luck');
    store.startTrial(second);
    store.resumeRun(run.id, PROVENANCE, false);
    const statuses = () => store.trials(run.id).map(({ status, errorCode }) => [status, errorCode]);
    expect(statuses().slice(0, 2)).toEqual([
      ['failed', 'E_KILLED'],
      ['pending', null],
    ]);
    store.resumeRun(run.id, PROVENANCE, true);
    expect(statuses()[0]).toEqual(['pending', null]);
  });

  test('leaves other runs as they are', () => {
    const other = store.beginRun(plan, PROVENANCE);
    const [theirs] = store.trials(other.id);
    store.startTrial(theirs?.id ?? 0);
    store.resumeRun(run.id, PROVENANCE, true);
    store.finishRun(run.id, 'failed');
    expect(store.trials(other.id)[0]?.status).toBe('running');
  });
});

describe('stages', () => {
  const stage = (over: Partial<StageRow> = {}): StageRow => ({
    runId: run.id,
    key: 'k1',
    kind: 'encoder',
    title: 'encoder vit-l 336 px',
    status: 'done',
    cached: false,
    seconds: 30.5,
    bytes: 1e9,
    error: null,
    errorCode: null,
    attempts: 1,
    log: '',
    summary: { parameters: 12, loss: 0.5 },
    ...over,
  });

  test('come back in the order in which they were recorded', () => {
    store.recordStage(stage({ key: 'k2' }));
    store.recordStage(stage({ key: 'k1', cached: true }));
    expect(store.stages(run.id)).toEqual([stage({ key: 'k2' }), stage({ key: 'k1', cached: true })]);
  });

  test('that failed and then worked are done', () => {
    store.recordStage(stage({ status: 'failed', error: 'out of memory' }));
    store.recordStage(stage());
    expect(store.stages(run.id)).toEqual([stage()]);
  });

  test('that a resumed run finds in the cache still say what they cost', () => {
    store.recordStage(stage());
    store.recordStage(stage({ cached: true, seconds: 0 }));
    expect(store.stages(run.id)).toEqual([stage()]);
  });
});

test('metrics by step: a repeated step replaces, a diverged loss is seen', () => {
  const at = (step: number, value: number, name = 'loss') => ({ stageKey: 'k', step, name, value });
  store.recordMetrics(run.id, [at(10, 2), at(2, 3), at(2, 0.1, 'accuracy')]);
  store.recordMetrics(run.id, [at(10, 1), at(11, Number.NaN), at(12, Number.POSITIVE_INFINITY)]);
  expect(store.metrics(run.id, 'k')).toEqual([
    at(2, 0.1, 'accuracy'),
    at(2, 3),
    at(10, 1),
    at(11, Number.NaN),
    at(12, Number.POSITIVE_INFINITY),
  ]);
  expect(store.metrics(run.id, 'other')).toEqual([]);
});

describe('locks', () => {
  test('a lock is one process’s own until it is released', () => {
    expect(store.takeLock('stage a')).toBeNull();
    expect(store.takeLock('stage a')).toBeNull(); // it has it already
    expect(store.locks().map(({ name, holder }) => [name, holder.pid])).toEqual([['stage a', process.pid]]);
    store.releaseLock('stage a');
    expect(store.locks()).toEqual([]);
  });

  test('a process that is at work keeps it; one that is gone, or whose number another one has now, does not', () => {
    const database = new SqliteDatabase(store.file);
    const hold = (pid: number, born: string) =>
      database
        .prepare('INSERT OR REPLACE INTO locks VALUES (?, ?, ?, ?, ?)')
        .run('stage a', pid, born, hostname(), '2026');
    const born = (pid: number) => readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ')[19]!;
    hold(process.ppid, born(process.ppid));
    expect(store.takeLock('stage a')).toMatchObject({ pid: process.ppid });
    store.releaseLock('stage a'); // not this process's
    expect(store.takeLock('stage a')).toMatchObject({ pid: process.ppid });
    hold(process.ppid, '1');
    expect(store.takeLock('stage a')).toBeNull();
    hold(2 ** 22 + 1, '1');
    expect(store.locks()).toEqual([]);
    expect(store.takeLock('stage a')).toBeNull();
    database.close();
  });

  test('a process of another machine keeps it while it gives signs of life, and for ten minutes', () => {
    const database = new SqliteDatabase(store.file);
    const hold = (minutes: number) =>
      database
        .prepare('INSERT OR REPLACE INTO locks VALUES (?, ?, ?, ?, ?)')
        .run('stage a', process.pid, '1', 'elsewhere', new Date(Date.now() - minutes * 60_000).toISOString());
    hold(9.5);
    expect(store.takeLock('stage a')).toMatchObject({ host: 'elsewhere' });
    expect(store.locks()).toHaveLength(1);
    expect(store.holdsLock('stage a')).toBe(false);
    store.renewLocks(); // its own alone
    hold(10.1);
    expect(store.locks()).toEqual([]);
    expect(store.takeLock('stage a')).toBeNull();
    expect(store.holdsLock('stage a')).toBe(true);
    database.close();
  });

  test('what is held is held on to by signs of life', () => {
    store.takeLock('stage a');
    store.use(['b']);
    const database = new SqliteDatabase(store.file);
    database.prepare("UPDATE locks SET taken_at = '2026'").run();
    const started = new Date().toISOString();
    store.renewLocks();
    const signs = database.prepare('SELECT taken_at FROM locks').pluck().all() as string[];
    expect(signs).toHaveLength(2);
    for (const sign of signs) expect(sign >= started).toBe(true);
    database.close();
  });
});
