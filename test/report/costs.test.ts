import { describe, expect, it } from 'vitest';
import type { Scalar } from '../../src/config/recipe.js';
import { costsOf, paretoFront } from '../../src/report/costs.js';
import type { Effect } from '../../src/report/effects.js';
import { operations, probability } from '../../src/report/figure.js';
import { levelCosts } from '../../src/report/level-costs.js';
import { readRun } from '../../src/report/observations.js';
import { summarise } from '../../src/report/results.js';
import { Store } from '../../src/store/store.js';
import { newRunsFolder, PROVENANCE, planOf, rowsOf } from './study.js';

describe('what a variant costs', () => {
  const store = Store.open(newRunsFolder().file);
  const { id } = store.beginRun(
    planOf([{ path: 'connector.tokens', values: [64, 144, 256] }], [0, 1], ['emoji-caption']),
    PROVENANCE,
  );
  const stage = (key: string, kind: string, seconds: number, flops?: number) =>
    store.recordStage({
      ...{
        runId: id,
        key,
        kind,
        title: key,
        status: 'done',
        cached: key === 'encoder',
        bytes: 1,
        error: null,
        errorCode: null,
      },
      ...{ seconds, attempts: 1, log: '', summary: flops === undefined ? {} : { 'work, FLOPs': flops } },
    });
  stage('encoder', 'encoder', 100, 5e12);
  stage('cheap-0', 'evaluate', 10, 1e12);
  stage('cheap-1', 'evaluate', 20, 3e12);
  stage('dear-0', 'evaluate', 30);
  const { score, items } = rowsOf('emoji-caption', 'asked', [1, 2, 3]);
  for (const [index, own] of [
    ['encoder', 'cheap-0'],
    ['encoder', 'cheap-1'],
    ['encoder', 'dear-0'],
    null,
    [],
  ].entries()) {
    if (own) store.finishTrial(store.trials(id)[index]!.id, 1, [score], items, { stages: own });
  }
  const record = readRun(store, id);
  store.close();

  it('is what its stages took, shared ones whole, on average over its trials', () => {
    expect(costsOf(record)).toEqual([
      { variant: 1, flops: 7e12, seconds: 115 },
      // An older mm1 did not say what the last stage had to do.
      { variant: 2, flops: null, seconds: 130 },
      // Of the third no stages are on record.
    ]);
    expect(summarise(record).costs).toHaveLength(2);
  });
});

describe('the Pareto front', () => {
  const at = (variant: number, cost: number, score: number) => ({ variant, cost, score });

  it('has what no other beats at its cost or less, cheapest first', () => {
    const variants = [at(1, 5, 20), at(2, 1, 10), at(3, 3, 9), at(4, 9, 19), at(5, 5, 18), at(6, 12, 30)];
    expect(paretoFront(variants, false).map(({ variant }) => variant)).toEqual([2, 1, 6]);
    expect(paretoFront(variants, true).map(({ variant }) => variant)).toEqual([2, 3]);
    expect(paretoFront([], false)).toEqual([]);
  });
});

it('numbers are written so that they can be read', () => {
  expect([0, 950, 1.5e12, 6.34e14, 9.99e22].map(operations)).toEqual([
    '0.00 FLOP',
    '950 FLOP',
    '1.50 TFLOP',
    '634 TFLOP',
    '99.9 ZFLOP',
  ]);
  expect([0, 0.0004, 0.0449, 1].map(probability)).toEqual(['<0.001', '<0.001', '0.045', '1.000']);
});

describe('what more cost gains', () => {
  const axes = [
    { path: 'connector.tokens', values: [64, 144] },
    { path: 'connector.type', values: ['average-pool', 'c-abstractor'] },
  ];
  const variants = [
    { number: 1, settings: { 'connector.tokens': 64, 'connector.type': 'average-pool' } },
    { number: 2, settings: { 'connector.tokens': 64, 'connector.type': 'c-abstractor' } },
    { number: 3, settings: { 'connector.tokens': 144, 'connector.type': 'average-pool' } },
    { number: 4, settings: { 'connector.tokens': 144, 'connector.type': 'c-abstractor' } },
  ];
  const cost = (variant: number, teraflops: number | null, seconds: number) => ({
    ...{ variant, seconds },
    flops: teraflops === null ? null : teraflops * 1e12,
  });
  const effect = (axis: string, levels: readonly [Scalar, Scalar], [difference, low, high]: [number, number, number]) =>
    ({ axis, pairs: [{ levels, difference, low, high }] }) as unknown as Effect;
  // 64 tokens score 3 [1, 5] more than 144, which cost more.
  const effects = [
    effect('connector.tokens', [64, 144], [3, 1, 5]),
    effect('connector.type', ['c-abstractor', 'average-pool'], [2, -1, 5]),
  ];

  it('is the difference of the means over the other axes, with the sign of the dearer level', () => {
    const costs = [cost(1, 10, 60), cost(2, 10.02, 90), cost(3, 14, 90), cost(4, 14.04, 120)];
    const [tokens, type] = levelCosts(axes, effects, variants, costs);
    expect(tokens).toMatchObject({ axis: 'connector.tokens', level: 144, against: 64, seconds: 30 });
    expect(tokens!.flops).toBeCloseTo(4.01e12, -6);
    expect(tokens!.share).toBeCloseTo(4.01 / 10.01, 10);
    expect(tokens!.gain).toEqual({ difference: -3, low: -5, high: -1 });
    expect(tokens!.gainPerTeraflop!.low).toBeCloseTo(-5 / 4.01, 10);
    expect(tokens!.gainPerMinute).toEqual({ difference: -6, low: -10, high: -2 });
    // Three in a thousand more operations are no cost that a gain could be told by.
    expect(type).toMatchObject({ level: 'c-abstractor', gain: { difference: 2, low: -1, high: 5 } });
    expect([type!.gainPerTeraflop, type!.gainPerMinute]).toEqual([null, null]);
  });

  it('leaves out what not every level has, and variants of which operations are not known', () => {
    const costs = [cost(1, 10, 60), cost(2, 50, 90), cost(3, 14, 90), cost(4, null, 120)];
    const tokens = levelCosts(axes, effects, variants, costs).find(({ axis }) => axis === 'connector.tokens');
    expect(tokens!.flops).toBeCloseTo(4e12, -6);
    expect(levelCosts(axes, [], variants, costs)).toEqual([]);
  });

  it('is by what two levels have in common, against one that none costs less than', () => {
    const types = { path: 'connector.type', values: ['resampler', 'mlp', 'average-pool', 'c-abstractor'] };
    const tokens = { path: 'connector.tokens', values: [64, 144, 256] };
    const settings = [
      ['average-pool', 64],
      ['average-pool', 144],
      ['c-abstractor', 64],
      ['c-abstractor', 144],
      ['mlp', 144],
      ['resampler', 256],
    ] as const;
    const grid = settings.map(([type, count], i) => ({
      number: i + 1,
      settings: { 'connector.type': type, 'connector.tokens': count },
    }));
    const costs = [cost(1, 10, 60), cost(2, 20, 90), cost(3, 11, 60), cost(4, 22, 90), cost(5, 18, 60), cost(6, 1, 1)];
    const own = [effect('connector.type', ['mlp', 'c-abstractor'], [3, 1, 5])];
    const found = levelCosts([types, tokens], own, grid, costs);
    // mlp costs less than average-pool and c-abstractor at 144 tokens, though its mean is higher; resampler stands alone.
    expect(found.map(({ level, against, flops }) => [level, against, Math.round(flops / 1e12)])).toEqual([
      ['average-pool', 'mlp', 2],
      ['c-abstractor', 'mlp', 4],
    ]);
    expect(found.map(({ gain }) => gain?.difference ?? null)).toEqual([null, -3]);
  });
});
