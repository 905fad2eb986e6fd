import { beforeAll, describe, expect, it } from 'vitest';
import { gradeSections } from '../../src/report/grade-section.js';
import type { GradeReport } from '../../src/report/grades.js';
import { readRun } from '../../src/report/observations.js';
import type { Report } from '../../src/report/report.js';
import { summarise } from '../../src/report/results.js';
import { Store } from '../../src/store/store.js';
import { newRunsFolder, PROVENANCE, planOf, rowsOf } from './study.js';

/** Six of the finest grade and two of the coarsest. */
const NAMES = [...[1, 2, 3, 4, 5, 6].map((i) => `tiny/0/${i}`), 'huge/0/1', 'huge/0/2'];
const LOOKS = [
  { resolution: 224 },
  { resolution: 336, detail: 224 },
  { resolution: 336, detail: 400 }, // no smaller than the resolution: nothing is taken away
];

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
      const { resolution, detail } = LOOKS[Math.floor(i / 2)]!;
      const { encoder, connector, data } = variant.recipe;
      const tokens = i % 2 === 0 ? 64 : 144;
      const recipe = {
        ...variant.recipe,
        encoder: { ...encoder, resolution },
        connector: { ...connector, tokens },
        data: { ...data, detail },
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
