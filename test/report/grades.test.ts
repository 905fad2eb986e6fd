import { beforeAll, describe, expect, it } from 'vitest';
import { random } from '../../src/random.js';
import { gradeSections } from '../../src/report/grade-section.js';
import type { GradeReport } from '../../src/report/grades.js';
import { readRun } from '../../src/report/observations.js';
import type { Report } from '../../src/report/report.js';
import { summarise } from '../../src/report/results.js';
import { seedPool } from '../../src/report/statistics/seed-pool.js';
import { Store } from '../../src/store/store.js';
import { newRunsFolder, PROVENANCE, planOf, rowsOf } from './study.js';

interface Look {
  readonly resolution: number;
  readonly detail?: number;
}

/** Six of the finest grade and two of the coarsest. */
const NAMES = [...[1, 2, 3, 4, 5, 6].map((i) => `tiny/0/${i}`), 'huge/0/1', 'huge/0/2'];
const LOOKS: readonly Look[] = [
  { resolution: 224 },
  { resolution: 336, detail: 224 },
  { resolution: 336, detail: 400 }, // no smaller than the resolution: nothing is taken away
];

describe('the only grade of a skill', () => {
  it('has the intervals of the whole task: how much seeds vary is pooled over variants', () => {
    const store = Store.open(newRunsFolder().file);
    const plan = planOf([{ path: 'encoder.resolution', values: [224, 336, 378] }], [0, 1, 2], ['world-string']);
    const variants = plan.variants.map((variant, i) => {
      const { encoder } = variant.recipe;
      const recipe = { ...variant.recipe, encoder: { ...encoder, resolution: [224, 336, 378][i]! } };
      return { ...variant, recipe };
    }) as typeof plan.variants;
    const { id } = store.beginRun({ ...plan, variants }, PROVENANCE);
    const draw = random(0, 'grades');
    for (const [i, trial] of store.trials(id).entries()) {
      const good = 40 + 10 * Math.floor(i / 3) + 5 * draw.normal();
      const { score, items } = rowsOf(
        'world-string',
        'asked',
        Array.from({ length: 8 }, () => good + draw.normal()),
      );
      const named = items.map((item, place) => ({ ...item, item: `world/held-out/string/tiny/${place}/0` }));
      store.finishTrial(trial.id, 1, [score], named);
    }
    const { grades, tasks } = summarise(readRun(store, id));
    store.close();
    const [task] = tasks;
    const ends = ({ low, high }: { low: number | null; high: number | null }) => [low!, high!];
    const whole = [1, 2, 3].map((number) => task!.variants.find(({ variant }) => variant === number)!);
    grades.scores.map(ends).forEach((own, i) => {
      expectClose(own, ends(whole[i]!));
    });
    const pool = seedPool(whole.map(({ values }) => values.map(({ value }) => value)))!;
    const pairs = task!.effects[0]!.pairs;
    expect([grades.pairs, pairs].map(({ length }) => length)).toEqual([3, 3]);
    for (const { looks, holm, ...own } of grades.pairs) {
      const pair = pairs.find(({ levels }) => looks.every(({ resolution }, i) => levels[i] === resolution))!;
      expectClose([...ends(own), holm], [...ends(pair), pair.holm]);
      const [ofSeeds] = own.spread.parts;
      // Less what items bring to it, which is little here.
      expect(ofSeeds!.variance / ((2 * pool.residual) / 3)).toBeCloseTo(1, 2);
      expect(ofSeeds!.degrees).toBe(4);
    }
  });
});

function expectClose(numbers: readonly number[], others: readonly number[]): void {
  expect(numbers).toHaveLength(others.length);
  for (const [i, value] of numbers.entries()) expect(value).toBeCloseTo(others[i]!, 9);
}

describe('a skill of the world', () => {
  let report: Report;
  let grades: GradeReport;

  beforeAll(() => {
    const store = Store.open(newRunsFolder().file);
    const axes = [
      { path: 'picture', values: ['224', '336 of 224', '336'] },
      { path: 'connector.tokens', values: [64, 144] },
    ];
    const plan = planOf(axes, [0, 1], ['world-string', 'emoji-caption']);
    const variants = plan.variants.map((variant, i) => {
      const { resolution, detail }: Look = LOOKS[Math.floor(i / 2)]!;
      const { encoder, connector, data } = variant.recipe;
      const tokens = i % 2 === 0 ? 64 : 144;
      const recipe = {
        ...variant.recipe,
        encoder: { ...encoder, resolution },
        connector: { ...connector, tokens },
        data: detail === undefined ? data : { detail, ...data },
      };
      return { ...variant, recipe };
    }) as typeof plan.variants;
    const { id } = store.beginRun({ ...plan, variants }, PROVENANCE);
    for (const [i, trial] of store.trials(id).entries()) {
      const look = Math.floor(i / 4);
      const tiny = [1, 2, 3, 4, 5, 6].map((item) => 10 * look + item + (i % 2) + (i % 4 < 2 ? 0 : 4));
      const world = rowsOf('world-string', 'asked', [...tiny, 80, 90]);
      const emoji = rowsOf('emoji-caption', 'asked', [1, 2, 3]);
      const items = world.items.map((item, place) => ({ ...item, item: `world/held-out/string/${NAMES[place]}/0` }));
      store.finishTrial(trial.id, 1, [world.score, emoji.score], [...items, ...emoji.items]);
    }
    report = summarise(readRun(store, id));
    grades = report.grades;
    store.close();
  });

  it('is told by grade of detail and by how pictures are shown, with intervals', () => {
    const told = grades.scores.map(({ grade, resolution, detail, items, mean, n }) => [
      grade,
      resolution,
      detail,
      items,
      mean,
      n,
    ]);
    expect(told).toEqual([
      ['tiny', 224, null, 6, 6, 2],
      ['tiny', 336, 224, 6, 16, 2],
      ['tiny', 336, null, 6, 26, 2],
      ['huge', 224, null, 2, 85, 2],
      ['huge', 336, 224, 2, 85, 2],
      ['huge', 336, null, 2, 85, 2],
    ]);
    for (const { mean, low, high, interval } of grades.scores) {
      expect(interval).toBe('seeds and items');
      expect(low).toBeLessThanOrEqual(mean);
      expect(high).toBeGreaterThanOrEqual(mean);
    }
  });

  it('is compared where pictures are shown in another way and nothing else differs, paired by item and seed', () => {
    const tiny = grades.pairs.filter(({ grade }) => grade === 'tiny');
    expect(
      tiny.map(({ looks, difference }) => [...looks.map(({ resolution, detail }) => [resolution, detail]), difference]),
    ).toEqual([
      [[336, 224], [224, null], 10],
      [[336, null], [224, null], 20],
      [[336, null], [336, 224], 10],
    ]);
    // Every item and seed differs by the same: nothing is left to chance.
    for (const { low, high, holm } of tiny) {
      expect([low, high, holm].map((value) => Math.round(value * 1e6))).toEqual(
        [low, high, 0].map((v) => Math.round(v * 1e6)),
      );
      expect(high - low).toBeLessThan(1e-6);
    }
  });

  it('is a table a task, with the finest grade compared below', () => {
    const [section, ...others] = gradeSections(report);
    expect(others).toEqual([]);
    expect(section!.title).toBe('world-string, 0-shot: by grade of detail');
    expect(section!.tables![0]!.columns.map(({ title }) => title)).toEqual(['pictures', 'tiny', 'huge']);
    expect(section!.tables![0]!.rows.map(([look]) => look)).toEqual(['224 px', '336 px of 224 px', '336 px']);
    expect(section!.after![1]).toContain(
      'On what is tiny, 336 px scores 20.0 [20.0, 20.0] more than 224 px (p <0.001)',
    );
  });
});
