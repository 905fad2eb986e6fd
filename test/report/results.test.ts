import { describe, expect, it } from 'vitest';
import type { OwnSeed } from '../../src/config/own-seed.js';
import type { Recipe } from '../../src/config/recipe.js';
import type { TaskName } from '../../src/config/tasks.js';
import type { VariantScore } from '../../src/report/compare.js';
import { documentOf } from '../../src/report/document.js';
import { readRun } from '../../src/report/observations.js';
import type { Report } from '../../src/report/report.js';
import { summarise } from '../../src/report/results.js';
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
  const rows = values.map((items) => items && [rowsOf('emoji-caption', 'asked', items)]);
  finishTrials(store, id, rows);
  const report = summarise(readRun(store, 'latest'));
  store.close();
  return report;
}

it('tells what is trained once for all trial seeds', () => {
  const shared = (encoder: OwnSeed, languageModel: OwnSeed) => {
    const plan = planOf(AXES, [0, 1], ['emoji-caption']);
    const variants = plan.variants.map((variant) => {
      const recipe = structuredClone(variant.recipe) as Recipe;
      Object.assign(recipe.encoder, { seed: encoder });
      Object.assign(recipe.language_model, { seed: languageModel });
      return { ...variant, recipe };
    });
    const store = Store.open(newRunsFolder().file);
    const { id } = store.beginRun({ ...plan, variants }, PROVENANCE);
    finishTrials(
      store,
      id,
      Array.from({ length: 8 }, (_, i) => [rowsOf('emoji-caption', 'asked', even(i))]),
    );
    const report = summarise(readRun(store, 'latest'));
    store.close();
    const text = JSON.stringify(documentOf(report).head);
    expect(text.includes('is one training')).toBe(report.run.sharedTrainings.length > 0);
    return report.run.sharedTrainings;
  };
  expect(shared(0, 3)).toEqual(['encoder', 'language model']);
  expect(shared('trial', 0)).toEqual(['language model']);
  expect(shared('trial', 'trial')).toEqual([]);
});

/** What the variant at a place in the grid scores in the first task. */
function scoreOf(report: Report, index: number): VariantScore {
  return report.tasks[0]!.variants.find(({ variant }) => variant === index + 1)!;
}

const even = (value: number) => [value, value];

describe('a finished run of three seeds', () => {
  const report = reportOf([0, 1, 2], [10, 12, 14, 20, 22, 24, 30, 32, 34, 40, 42, 44].map(even));

  it('gives each variant its mean over seeds, the t interval, and n', () => {
    expect(report.variants.map(({ settings }) => Object.values(settings))).toEqual([
      ['average-pool', 64],
      ['average-pool', 144],
      ['c-abstractor', 64],
      ['c-abstractor', 144],
    ]);
    const [task, ...others] = report.tasks;
    expect(others).toEqual([]);
    expect(task).toMatchObject({
      ...{ task: 'emoji-caption', group: 'captioning', shots: 0, metric: 'CIDEr-D', lowerIsBetter: false },
      ...{ items: 2, chance: 5, demonstrationSeeds: 1 },
    });
    [12, 22, 32, 42].forEach((centre, index) => {
      const score = scoreOf(report, index);
      expect(score).toMatchObject({
        mean: centre,
        low: expect.closeTo(centre - HALF, 9),
        high: expect.closeTo(centre + HALF, 9),
        n: 3,
        interval: 'seeds and items',
        blind: null,
        shuffled: null,
      });
      expect(score.values.map(({ value }) => value)).toEqual([centre - 2, centre, centre + 2]);
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
      interval: 'seeds and items',
    });
    expect(report.tasks[0]!.effects).toMatchObject([
      {
        axis: 'connector.type',
        levels: [level('average-pool', 17), level('c-abstractor', 37)],
        best: 'c-abstractor',
        span: 20,
      },
      { axis: 'connector.tokens', levels: [level(64, 22), level(144, 32)], best: 144, span: 10 },
    ]);
  });

  it('lists the variants of a task best first', () => {
    expect(report.tasks[0]!.variants.map(({ variant }) => variant)).toEqual([4, 3, 2, 1]);
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
    expect(scoreOf(report, 0)).toMatchObject({ n: 1, interval: 'items', mean: 10 });
    expect(scoreOf(report, 0).low).toBeCloseTo(10 - HALF, 9);
    const [type] = report.tasks[0]!.effects;
    expect(type!.levels[0]).toMatchObject({ n: 1, interval: 'items', mean: 15 });
    expect(type!.levels[0]!.high).toBeCloseTo(15 + HALF, 9);
  });
});

describe('a run that is not finished', () => {
  it('compares levels only in company that both have', () => {
    // Seed 0 is done everywhere, seed 1 only for average-pool with 64 tokens and c-abstractor with 144.
    const report = reportOf([0, 1], [[10, 10], [90, 90], [20, 20], null, [30, 30], null, [40, 40], [80, 80]]);
    expect(report.run.trials).toMatchObject({ planned: 8, done: 6, pending: 2 });
    const means = (axis: number) => report.tasks[0]!.effects[axis]!.levels.map((level) => [level.mean, level.n]);
    expect(means(0)).toEqual([
      [15, 1],
      [35, 1],
    ]);
    expect(means(1)).toEqual([
      [20, 1],
      [30, 1],
    ]);
    expect(scoreOf(report, 0)).toMatchObject({ mean: 50, n: 2, interval: 'seeds and items' });
    expect(scoreOf(report, 1)).toMatchObject({ mean: 20, n: 1, interval: 'items' });
  });

  it('leaves out a level of which nothing has finished, and keeps the others', () => {
    const report = reportOf([0], [[10, 10], [20, 20], null, null]);
    expect(report.tasks[0]!.variants.map(({ variant }) => variant)).toEqual([2, 1]);
    expect(report.tasks[0]!.effects[0]).toMatchObject({
      span: null,
      best: null,
      levels: [{ mean: 15 }, { mean: null, n: 0 }],
    });
    expect(report.tasks[0]!.effects[1]).toMatchObject({ span: 10, levels: [{ mean: 10 }, { mean: 20 }] });
  });

  it('leaves out whole a trial that finishes while the report is being read', () => {
    const store = Store.open(newRunsFolder().file);
    const { id } = store.beginRun(planOf(AXES, [0], ['emoji-caption']), PROVENANCE);
    finishTrials(store, id, [[rowsOf('emoji-caption', 'asked', [10, 10])]]);
    const { trials } = readRun(store, id);
    finishTrials(store, id, [null, [rowsOf('emoji-caption', 'asked', [20, 20])]]);
    const report = summarise({ ...readRun(store, id), trials });
    store.close();
    expect(report.run.trials).toMatchObject({ done: 1, pending: 3 });
    expect(report.tasks[0]!.variants.map(({ variant }) => variant)).toEqual([1]);
  });

  it('reports a run of which nothing has finished', () => {
    const report = reportOf([0], [null, null, null, null]);
    expect(report).toMatchObject({ tasks: [], means: [] });
    expect(report.variants).toHaveLength(4);
  });
});

type Rows = ReturnType<typeof rowsOf>[];

/** A run of one variant and one seed. */
function reportOfRows(rows: Rows, shots: number[] = [0]): Report {
  const tasks = [...new Set(rows.map(({ score }) => score.task as TaskName))];
  const store = Store.open(newRunsFolder().file);
  const { id } = store.beginRun(planOf([], [0], tasks, shots), PROVENANCE);
  finishTrials(store, id, [rows]);
  const report = summarise(readRun(store, id));
  store.close();
  return report;
}

/** Three items 2 apart: their interval over items is HALF to either side, a little under 5. */
const spread = (centre: number) => [centre - 2, centre, centre + 2];

describe('the controls', () => {
  const none = undefined;
  it.each([
    ['chance alone', 15, none, none, true],
    ['chance alone, within the interval', 9.9, none, none, false],
    ['the blind score', 30, 8, none, true],
    ['a blind score below it', 10, 8, none, false],
    ['a blind score whose difference varies by more', 17, 8, none, false],
    ['the blind score but not the shuffled', 30, 8, 25, false],
    ['the shuffled score but not the blind', 30, 25, 8, false],
    ['both', 30, 8, 9, true],
  ])('are beaten only outside the intervals of all differences: %s', (_, value, blind, shuffled, beats) => {
    const report = reportOfRows([
      rowsOf('emoji-caption', 'asked', spread(value)),
      ...(blind === none ? [] : [rowsOf('emoji-caption', 'blind', spread(blind).reverse())]),
      ...(shuffled === none ? [] : [rowsOf('emoji-caption', 'shuffled', spread(shuffled).reverse())]),
    ]);
    const score = scoreOf(report, 0);
    expect(score).toMatchObject({ mean: value, beats });
    expect(report.tasks[0]!.beaten).toBe(beats);
    expect([score.blind?.mean, score.shuffled?.mean]).toEqual([blind, shuffled]);
    if (blind !== none) expect(score.blind!.high).toBeCloseTo(blind + HALF, 9);
  });

  it.each([
    [1, 7, true],
    [1, 5, false],
    [6, undefined, false],
    [2, undefined, true],
  ])('are beaten from below where lower is better: %d against %d', (value, blind, beats) => {
    const report = reportOfRows([
      rowsOf('speech-bits', 'asked', [value - 1, value, value + 1]),
      ...(blind === undefined ? [] : [rowsOf('speech-bits', 'blind', [blind + 1, blind, blind - 1])]),
    ]);
    // Half an interval is 2.48, chance is 8.
    const [task] = report.tasks;
    expect(task).toMatchObject({ lowerIsBetter: true, chance: 8 });
    expect(task!.variants[0]!.beats).toBe(beats);
  });

  it('are beaten item by item: what is hard for both is in neither', () => {
    const report = reportOfRows([
      rowsOf('emoji-caption', 'asked', [20, 50, 81]),
      rowsOf('emoji-caption', 'blind', [10, 40, 70]),
    ]);
    expect(scoreOf(report, 0).beats).toBe(false); // 50.3 +- 75.8 does not lie above chance
    const clear = reportOfRows([
      rowsOf('emoji-caption', 'asked', [50, 52, 55]),
      rowsOf('emoji-caption', 'blind', [48, 50, 52]),
    ]);
    expect(scoreOf(clear, 0)).toMatchObject({
      beats: true,
      low: expect.closeTo(46.08, 1),
      blind: { high: expect.closeTo(54.97, 1) },
    });
  });

  it('are beaten by nobody who has no interval', () => {
    const report = reportOfRows([rowsOf('emoji-caption', 'asked', [90])]);
    expect(scoreOf(report, 0)).toMatchObject({ low: null, beats: null });
    expect(report.tasks[0]!.beaten).toBe(false);
  });
});

describe('a task of which lower is better', () => {
  it('has the lowest first, and the best level is the lowest', () => {
    const store = Store.open(newRunsFolder().file);
    const { id } = store.beginRun(planOf(AXES.slice(1), [0], ['speech-bits']), PROVENANCE);
    finishTrials(
      store,
      id,
      [3, 2].map((value) => [rowsOf('speech-bits', 'asked', [value, value])]),
    );
    const [task] = summarise(readRun(store, id)).tasks;
    store.close();
    expect(task!.variants.map(({ variant }) => variant)).toEqual([2, 1]);
    expect(task!.effects[0]).toMatchObject({ best: 144, span: 1 });
  });
});

describe('seeds of demonstrations', () => {
  it("are averaged to a trial's value, and to each item's", () => {
    const rows = (values: number[], demonstrationSeed: number, shots = 4) =>
      rowsOf('emoji-caption', 'asked', values, { shots, demonstrationSeed });
    const report = reportOfRows(
      [
        rowsOf('emoji-caption', 'asked', [1, 1, 1]),
        rows([10, 20, 30], 0),
        rows([12, 20, 34], 1),
        rows([14, 20, 38], 2),
        rows([50, 60, 70], 0, 8),
        rowsOf('emoji-caption', 'blind', [0, 0, 0], { shots: 4 }),
      ],
      [0, 4, 8],
    );
    expect(report.tasks.map(({ shots, demonstrationSeeds }) => [shots, demonstrationSeeds])).toEqual([
      [0, 1],
      [4, 3],
      [8, 1],
    ]);
    const [score] = report.tasks[1]!.variants;
    expect(score).toMatchObject({ mean: 22, n: 1, interval: 'items', values: [{ seed: 0, value: 22 }] });
    // Items 12, 20, 34: their standard deviation is 11.136.
    expect(score!.high).toBeCloseTo(22 + (4.302652729749462 * Math.sqrt(124)) / Math.sqrt(3), 9);
    expect(score!.blind).toMatchObject({ mean: 0 });
  });
});

describe('means over tasks', () => {
  const report = reportOfRows(
    [
      rowsOf('emoji-caption', 'asked', spread(20)),
      rowsOf('world-caption', 'asked', spread(40)),
      rowsOf('world-count', 'asked', spread(90)),
      rowsOf('emoji-caption-unseen', 'asked', spread(1000)),
      rowsOf('definition', 'asked', spread(50)),
      rowsOf('cloze', 'asked', spread(60)),
      rowsOf('speech-bits', 'asked', spread(2000)),
      rowsOf('emoji-caption', 'blind', spread(8)),
      rowsOf('world-caption', 'blind', spread(10)),
      rowsOf('world-count', 'asked', spread(70), { shots: 4 }),
    ],
    [0, 4],
  );
  const means = report.means.map(({ mean, shots, averaged, variants }) => ({
    ...{ mean, shots, tasks: averaged.map(({ task }) => task), value: variants[0]!.mean },
  }));

  it("are MM1's over captions and questions, and one of each group, at each number of shots", () => {
    expect(means).toEqual([
      { mean: 'mm1', shots: 0, tasks: ['emoji-caption', 'world-caption', 'world-count'], value: 50 },
      { mean: 'captioning', shots: 0, tasks: ['emoji-caption', 'world-caption'], value: 30 },
      { mean: 'vqa', shots: 0, tasks: ['world-count'], value: 90 },
      { mean: 'textcore', shots: 0, tasks: ['definition', 'cloze'], value: 55 },
      { mean: 'mm1', shots: 4, tasks: ['world-count'], value: 70 },
      { mean: 'vqa', shots: 4, tasks: ['world-count'], value: 70 },
    ]);
  });

  it('leave bits per byte out and say so', () => {
    const left = report.means.map(({ leftOut }) => leftOut.map(({ task }) => task));
    expect(left).toEqual([[], [], [], ['speech-bits'], [], []]);
  });

  it('have the mean of the chances, and of controls that all of their tasks have', () => {
    const [mm1, captioning] = report.means;
    expect(mm1).toMatchObject({ chance: 5, lowerIsBetter: false });
    expect(mm1!.variants[0]).toMatchObject({ blind: null });
    expect(captioning!.variants[0]).toMatchObject({ blind: { mean: 9 }, shuffled: null, beats: true });
  });

  it("have intervals over the tasks' items where there is one seed", () => {
    // Two tasks of three items each, equally spread: four degrees of freedom.
    const [, captioning] = report.means;
    const half = (2.7764451051977934 * (2 / Math.sqrt(3))) / Math.SQRT2;
    expect(captioning!.variants[0]).toMatchObject({ interval: 'items', n: 1, high: expect.closeTo(30 + half, 9) });
  });

  it('are averaged within each seed, and have effects as tasks have', () => {
    const store = Store.open(newRunsFolder().file);
    const { id } = store.beginRun(planOf(AXES.slice(1), [0, 1], ['emoji-caption', 'emoji-question']), PROVENANCE);
    const rows = (caption: number, question: number) => [
      rowsOf('emoji-caption', 'asked', even(caption)),
      rowsOf('emoji-question', 'asked', even(question)),
    ];
    finishTrials(store, id, [rows(10, 20), rows(20, 30), rows(30, 50), rows(40, 60)]);
    const [mm1] = summarise(readRun(store, id)).means;
    store.close();
    expect(mm1!.variants.map(({ variant, values }) => [variant, values])).toEqual([
      [2, [40, 50].map((value, seed) => ({ seed, value }))],
      [1, [15, 25].map((value, seed) => ({ seed, value }))],
    ]);
    expect(mm1!.effects[0]).toMatchObject({ best: 144, span: 25, levels: [{ mean: 20 }, { mean: 45 }] });
  });
});
