import { describe, expect, it } from 'vitest';
import type { Stage, StageGraph } from '../../src/plan/stage.js';
import { Schedule } from '../../src/run/schedule.js';

type Parents = Readonly<Record<string, readonly string[]>>;

/** A graph of stages by what each reads. */
function graphOf(parents: Parents): StageGraph {
  const stages = Object.entries(parents).map(([key, read]): [string, Stage] => [
    key,
    { key, kind: 'evaluate', parents: Object.fromEntries(read.map((each) => [each, each])) } as unknown as Stage,
  ]);
  return { stages: new Map(stages), trials: [] };
}

const CHAINS = { a: [], b: ['a'], c: [], d: ['c'], e: ['d'], f: ['b', 'e'] };
const openGraph = (parents: Parents, workers: number, seconds: Readonly<Record<string, number>> = {}) =>
  new Schedule({
    graph: graphOf(parents),
    needed: Object.keys(parents),
    secondsOf: ({ key }) => seconds[key] ?? 1,
    workers,
  });
const open = (workers: number, seconds: Readonly<Record<string, number>> = {}) => openGraph(CHAINS, workers, seconds);
const keyOf = (stage: Stage | null) => stage?.key ?? null;

describe('a schedule', () => {
  it('of one worker goes in the order of the trials, each stage after those it reads', () => {
    const schedule = open(1);
    const order: (string | null)[] = [];
    for (let stage = schedule.next(); stage; stage = schedule.next()) {
      order.push(stage.key);
      schedule.done(stage.key);
    }
    expect(order).toEqual(['a', 'b', 'c', 'd', 'e', 'f']);
    expect(schedule.isEmpty).toBe(true);
  });

  it('of several takes what several trials need first, the head of the longest chain before others', () => {
    const shared = { ...CHAINS, g: ['b', 'e'] };
    const even = openGraph(shared, 2);
    expect([keyOf(even.next()), keyOf(even.next()), keyOf(even.next())]).toEqual(['c', 'a', null]);
    even.done('a');
    expect(keyOf(even.next())).toBe('b');
    const heavy = openGraph(shared, 2, { b: 10 });
    expect(keyOf(heavy.next())).toBe('a');
  });

  it('of several goes trial by trial then: answers of the first before trainings of later ones', () => {
    const trials = {
      encoder: [],
      ...{ questions: [], train1: ['encoder'], answer1: ['train1', 'questions'] },
      ...{
        train2: ['encoder'],
        answer2: ['train2', 'questions'],
        train3: ['encoder'],
        answer3: ['train3', 'questions'],
      },
    };
    const schedule = openGraph(trials, 2, { encoder: 5, train3: 90 });
    expect([keyOf(schedule.next()), keyOf(schedule.next())]).toEqual(['encoder', 'questions']);
    schedule.done('encoder');
    schedule.done('questions');
    expect([keyOf(schedule.next()), keyOf(schedule.next())]).toEqual(['train1', 'train2']);
    schedule.done('train1');
    schedule.done('train2');
    expect([schedule.next(), schedule.next(), schedule.next()].map(keyOf)).toEqual(['answer1', 'answer2', 'train3']);
  });

  it('never gives a stage twice, nor before what it reads is there', () => {
    const schedule = open(3);
    expect([schedule.next(), schedule.next()].map(keyOf).sort()).toEqual(['a', 'c']);
    expect(schedule.next()).toBeNull();
    schedule.done('c');
    expect(keyOf(schedule.next())).toBe('d');
    expect(schedule.next()).toBeNull();
  });

  it('gives up what needs a stage that failed, and nothing else', () => {
    const schedule = open(1);
    expect(keyOf(schedule.next())).toBe('a');
    schedule.failed('a');
    for (const key of ['c', 'd', 'e']) {
      expect(keyOf(schedule.next())).toBe(key);
      schedule.done(key);
    }
    expect(schedule.isEmpty).toBe(true);
  });

  it('asks again, a little later, for a stage that another process is at', () => {
    const schedule = open(1);
    schedule.next(0);
    schedule.defer('a', 0);
    expect(keyOf(schedule.next(1))).toBe('c'); // the time is not lost
    expect(schedule.next(2)).toBeNull();
    expect(keyOf(schedule.next(500))).toBe('a');
  });
});
