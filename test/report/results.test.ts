import { describe, expect, it } from 'vitest';
import { readRun } from '../../src/report/observations.js';
import { type Report, summarise } from '../../src/report/results.js';
import { Store } from '../../src/store/store.js';
import { finishTrials, newRunsFolder, PROVENANCE, planOf, rowsOf } from './study.js';

const AXES = [
  { path: 'connector.type', values: ['average-pool', 'c-abstractor'] },
  { path: 'connector.tokens', values: [64, 144] },
];

/** t(0.975, 2) x 2 / sqrt(3): half the interval of three values that are 2 apart. */
const HALF = (4.302652729749462 * 2) / Math.sqrt(3);

/** A run of the 2 x 2 grid, from the caption values of its trials (variant by variant, seed by seed). */
function reportOf(seeds: readonly number[], values: readonly (readonly number[] | null)[]): Report {
  const store = Store.open(newRunsFolder().file);
  const { id } = store.beginRun(planOf(AXES, seeds, ['emoji-caption']), PROVENANCE);
  const rows = values.map((items) => items && [rowsOf('emoji-caption', 'image', items)]);
  finishTrials(store, id, rows);
  const report = summarise(readRun(store, 'latest'));
  store.close();
  return report;
}

const even = (value: number) => [value - 1, value + 1];

describe('a finished run of three seeds', () => {
  const report = reportOf([0, 1, 2], [10, 12, 14, 20, 22, 24, 30, 32, 34, 40, 42, 44].map(even));

  it('gives each variant its mean over seeds, the t interval, and n', () => {
    expect(report.variants.map(({ settings }) => Object.values(settings))).toEqual([
      ['average-pool', 64],
      ['average-pool', 144],
      ['c-abstractor', 64],
      ['c-abstractor', 144],
    ]);
    [12, 22, 32, 42].forEach((centre, index) => {
      const [score] = report.variants[index]!.scores;
      expect(score).toMatchObject({
        task: 'emoji-caption',
        shots: 0,
        metric: 'cider-d',
        mean: centre,
        low: expect.closeTo(centre - HALF, 9),
        high: expect.closeTo(centre + HALF, 9),
        n: 3,
        interval: 'seeds',
        items: 2,
        chance: 5,
        blind: null,
        beatsBlind: null,
      });
      expect(score!.values.map(({ value }) => value)).toEqual([centre - 2, centre, centre + 2]);
    });
  });

  it('gives each axis its effect, averaged within a seed before the interval is taken', () => {
    const level = (name: string | number, centre: number) => ({
      level: name,
      variants: 2,
      mean: centre,
      low: expect.closeTo(centre - HALF, 9),
      high: expect.closeTo(centre + HALF, 9),
      n: 3,
      interval: 'seeds',
    });
    expect(report.effects).toEqual([
      {
        axis: 'connector.type',
        task: 'emoji-caption',
        shots: 0,
        metric: 'cider-d',
        levels: [level('average-pool', 17), level('c-abstractor', 37)],
        span: 20,
      },
      {
        axis: 'connector.tokens',
        task: 'emoji-caption',
        shots: 0,
        metric: 'cider-d',
        levels: [level(64, 22), level(144, 32)],
        span: 10,
      },
    ]);
  });

  it('says how far the run is', () => {
    expect(report.run.trials).toEqual({ planned: 12, done: 12, failed: 0, running: 0, pending: 0 });
  });
});

describe('a run of one seed', () => {
  // Three items 2 apart in each variant: the interval over items is HALF wide.
  const report = reportOf(
    [7],
    [10, 20, 30, 40].map((value) => [value - 2, value, value + 2]),
  );

  it('takes its intervals over items, and says so', () => {
    expect(report.variants[0]!.scores[0]).toMatchObject({ n: 1, interval: 'items', mean: 10 });
    expect(report.variants[0]!.scores[0]!.low).toBeCloseTo(10 - HALF, 9);
    const [type] = report.effects;
    expect(type!.levels[0]).toMatchObject({ n: 1, interval: 'items', mean: 15 });
    expect(type!.levels[0]!.high).toBeCloseTo(15 + HALF, 9);
  });
});

describe('a run that is not finished', () => {
  it('compares levels only in company that both have', () => {
    // Seed 0 is done everywhere, seed 1 only for average-pool with 64 tokens and c-abstractor with 144.
    const report = reportOf([0, 1], [[10, 10], [90, 90], [20, 20], null, [30, 30], null, [40, 40], [80, 80]]);
    expect(report.run.trials).toMatchObject({ planned: 8, done: 6, pending: 2 });
    const means = (axis: number) => report.effects[axis]!.levels.map((level) => [level.mean, level.n]);
    expect(means(0)).toEqual([
      [15, 1],
      [35, 1],
    ]);
    expect(means(1)).toEqual([
      [20, 1],
      [30, 1],
    ]);
    expect(report.variants[0]!.scores[0]).toMatchObject({ mean: 50, n: 2, interval: 'seeds' });
    expect(report.variants[1]!.scores[0]).toMatchObject({ mean: 20, n: 1, interval: 'items' });
  });

  it('leaves out a level of which nothing has finished, and keeps the others', () => {
    const report = reportOf([0], [[10, 10], [20, 20], null, null]);
    expect(report.variants[2]!.scores).toEqual([]);
    expect(report.effects[0]).toMatchObject({ span: null, levels: [{ mean: 15 }, { mean: null, n: 0 }] });
    expect(report.effects[1]).toMatchObject({ span: 10, levels: [{ mean: 10 }, { mean: 20 }] });
  });

  it('leaves out whole a trial that finishes while the report is being read', () => {
    const store = Store.open(newRunsFolder().file);
    const { id } = store.beginRun(planOf(AXES, [0], ['emoji-caption']), PROVENANCE);
    finishTrials(store, id, [[rowsOf('emoji-caption', 'image', [10, 10])]]);
    const { trials } = readRun(store, id);
    finishTrials(store, id, [null, [rowsOf('emoji-caption', 'image', [20, 20])]]);
    const report = summarise({ ...readRun(store, id), trials });
    store.close();
    expect(report.run.trials).toMatchObject({ done: 1, pending: 3 });
    expect(report.variants.map(({ scores }) => scores.length)).toEqual([1, 0, 0, 0]);
  });

  it('reports a run of which nothing has finished', () => {
    const report = reportOf([0], [null, null, null, null]);
    expect(report.effects).toEqual([]);
    expect(report.variants.map(({ scores }) => scores)).toEqual([[], [], [], []]);
  });
});

describe('the blind score', () => {
  it.each([
    [30, true],
    [10, false],
    [12, false],
  ])('is beaten by %d: %s, only outside both intervals', (value, beats) => {
    const store = Store.open(newRunsFolder().file);
    const { id } = store.beginRun(planOf([], [0], ['emoji-caption']), PROVENANCE);
    const spread = (centre: number) => [centre - 2, centre, centre + 2];
    finishTrials(store, id, [
      [rowsOf('emoji-caption', 'image', spread(value)), rowsOf('emoji-caption', 'blind', spread(8))],
    ]);
    const [score] = summarise(readRun(store, id)).variants[0]!.scores;
    store.close();
    expect(score).toMatchObject({ blind: 8, beatsBlind: beats, mean: value });
    expect(score!.blindHigh).toBeCloseTo(8 + HALF, 9);
  });
});
