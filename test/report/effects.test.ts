import { describe, expect, it } from 'vitest';
import type { Scalar } from '../../src/config/recipe.js';
import { foremost } from '../../src/report/company.js';
import type { Effect } from '../../src/report/effects.js';
import { mainEffects } from '../../src/report/figures/main-effects.js';
import { effectSection } from '../../src/report/measure-tables.js';
import { readRun } from '../../src/report/observations.js';
import type { Report } from '../../src/report/report.js';
import { summarise } from '../../src/report/results.js';
import { Store } from '../../src/store/store.js';
import { finishTrials, newRunsFolder, PROVENANCE, planOf, rowsOf } from './study.js';

const AXES = [
  { path: 'connector.type', values: ['average-pool', 'c-abstractor', 'linear'] },
  { path: 'connector.tokens', values: [64, 144] },
];
const SEEDS = [0, 1, 2];

type Scores = Readonly<Record<string, Readonly<Record<number, number>>>>;

/** A run of the grid that leaves out linear with 64 tokens, from what its variants score by type and tokens; seeds differ by 1. */
function reportOf(
  scores: Scores,
  task: 'emoji-question' | 'speech-bits',
  done = (_: Scalar, __: number) => true,
): Report {
  const plan = planOf(AXES, SEEDS, [task]);
  const kept = plan.variants.filter(
    ({ settings: of }) => of['connector.type'] !== 'linear' || of['connector.tokens'] === 144,
  );
  const variants = kept.map((variant, index) => ({ ...variant, index }));
  const store = Store.open(newRunsFolder().file);
  const { id } = store.beginRun({ ...plan, variants }, PROVENANCE);
  const results = variants.flatMap(({ settings }, v) =>
    SEEDS.map((seed) => {
      const type = settings['connector.type']!;
      const value = scores[String(type)]![Number(settings['connector.tokens'])]! + seed;
      // Of a seed's luck a little is a variant's own.
      const items = [-2, 0, 2].map((item) => value + item + 0.1 * ((v * seed) % 3) - 0.1);
      return done(type, seed) ? [rowsOf(task, 'asked', items)] : null;
    }),
  );
  finishTrials(store, id, results);
  const report = summarise(readRun(store, id));
  store.close();
  return report;
}

/** What a pair is about, to the nearest point. */
const told = ({ pairs }: Effect) => pairs.map(({ levels, difference }) => [...levels, Math.round(difference)]);

describe('levels that do not all stand beside the same settings', () => {
  // linear beats both where they meet, though average-pool has the higher mean.
  const scores = { 'average-pool': { 64: 45, 144: 27 }, 'c-abstractor': { 64: 31, 144: 21 }, linear: { 144: 29 } };
  const report = reportOf(scores, 'emoji-question');
  const [type, tokens] = report.tasks[0]!.effects;

  it('are compared in pairs by what both have, and have the means of their own', () => {
    expect(type!.levels.map(({ mean, variants }) => [Math.round(mean!), variants])).toEqual([
      [37, 2],
      [27, 2],
      [30, 1],
    ]);
    expect(type).toMatchObject({ best: 'linear', balanced: false, span: expect.closeTo(8, 0) });
    expect(told(type!)).toEqual([
      ['linear', 'c-abstractor', 8],
      ['linear', 'average-pool', 2],
      ['average-pool', 'c-abstractor', 10],
    ]);
  });

  it('do not count for an axis of which they have one level alone', () => {
    expect(tokens!.levels.map(({ mean, variants }) => [Math.round(mean!), variants])).toEqual([
      [39, 2],
      [25, 2],
    ]);
    expect(tokens).toMatchObject({ best: 64, balanced: true });
  });

  it('are said to be so below the table and the figure', () => {
    const [section] = effectSection(report.tasks[0]!, { name: '', about: '', notes: [] });
    const told = section!.after!.slice(1);
    expect(mainEffects({ report, curves: [] })[0]!.description.endsWith(`. ${told[0]}`)).toBe(true);
    expect(told).toEqual([
      "Not all levels of connector.type stand beside the same settings of the other axes (variants: average-pool 2, c-abstractor 2, linear 1): a mean is over a level's own, a difference over those that both have.",
    ]);
  });

  it('are turned where lower is better', () => {
    const [bits] = reportOf(scores, 'speech-bits').tasks[0]!.effects;
    expect(bits).toMatchObject({ best: 'c-abstractor' });
    expect(told(bits!)).toEqual([
      ['c-abstractor', 'average-pool', 10],
      ['c-abstractor', 'linear', 8],
      ['average-pool', 'linear', 2],
    ]);
  });

  it('have the higher mean for the best where each is led by another', () => {
    const circle = { 'average-pool': { 64: 45, 144: 27 }, 'c-abstractor': { 64: 31, 144: 31 }, linear: { 144: 29 } };
    const [own] = reportOf(circle, 'emoji-question').tasks[0]!.effects;
    expect(own).toMatchObject({ best: 'average-pool' });
    expect(told(own!)).toEqual([
      ['average-pool', 'c-abstractor', 5],
      ['linear', 'average-pool', 2],
      ['c-abstractor', 'linear', 2],
    ]);
  });

  it('wait for every level that the grid has in a cell, but for one that has not begun', () => {
    const levels = (done: (type: Scalar, seed: number) => boolean) =>
      reportOf(scores, 'emoji-question', done).tasks[0]!.effects[0]!.levels.map(({ mean }) => mean && Math.round(mean));
    // Of the last seed 64 tokens alone count, 47 and 33: (36 + 37 + 47) / 3.
    expect(levels((type, seed) => type !== 'linear' || seed < 2)).toEqual([40, 29, 29]);
    expect(levels((type) => type !== 'linear')).toEqual([37, 27, null]);
  });
});

it('gives levels the interval of their own differences, where a seed brings something to all variants of one', () => {
  const luck = { 'average-pool': [0, 4, -4], 'c-abstractor': [1, -2, 1] } as Record<string, number[]>;
  const axes = [
    { path: 'connector.type', values: ['average-pool', 'c-abstractor'] },
    { path: 'connector.tokens', values: [64, 144, 256] },
  ];
  const plan = planOf(axes, SEEDS, ['emoji-question']);
  const store = Store.open(newRunsFolder().file);
  const { id } = store.beginRun(plan, PROVENANCE);
  const results = plan.variants.flatMap(({ settings }) =>
    SEEDS.map((seed) => {
      const value = 40 + luck[String(settings['connector.type'])]![seed]!;
      return [rowsOf('emoji-question', 'asked', [value - 2, value, value + 2])];
    }),
  );
  finishTrials(store, id, results);
  const { effects } = summarise(readRun(store, id)).tasks[0]!;
  store.close();
  // Differences of -1, 6 and -5, by seeds: a paired t interval of three.
  const half = (4.302652729749462 * Math.sqrt(31)) / Math.sqrt(3);
  expect(effects[0]!.pairs[0]).toMatchObject({ low: expect.closeTo(-half, 9), high: expect.closeTo(half, 9) });
  expect(effects[1]!.pairs[0]!.high).toBeLessThan(half / 1.5);
});

describe('the foremost', () => {
  const lead = (ahead: Readonly<Record<string, number>>) => (first: string, second: string) =>
    ahead[first + second] ?? (second + first in ahead ? -ahead[second + first]! : null);

  it('is led by none that it can be compared with; of several, or of a circle, it is the first', () => {
    expect(foremost(['a', 'b', 'c'], lead({ ba: 1, bc: 2, ac: 1 }))).toBe('b');
    expect(foremost(['a', 'b', 'c'], lead({ ab: 0, ac: 1 }))).toBe('a');
    expect(foremost(['a', 'b', 'c'], lead({ ba: 1 }))).toBe('b');
    expect(foremost(['a', 'b', 'c'], lead({ ab: 1, bc: 1, ca: 1 }))).toBe('a');
    expect(foremost([], lead({}))).toBeUndefined();
  });
});
