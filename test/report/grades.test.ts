import { expect, it } from 'vitest';
import { gradesOf } from '../../src/report/grades.js';
import { measures, readRun } from '../../src/report/observations.js';
import { Store } from '../../src/store/store.js';
import { newRunsFolder, PROVENANCE, planOf, rowsOf } from './study.js';

it('a skill of the world is told by grade of detail and resolution', () => {
  const store = Store.open(newRunsFolder().file);
  const plan = planOf([{ path: 'encoder.resolution', values: [224, 336] }], [0], ['world-string', 'emoji-caption']);
  const variants = plan.variants.map((variant, i) => ({
    ...variant,
    recipe: { ...variant.recipe, encoder: { ...variant.recipe.encoder, resolution: [224, 336][i]! } },
  })) as typeof plan.variants;
  const { id } = store.beginRun({ ...plan, variants }, PROVENANCE);
  const names = ['tiny/0/1', 'tiny/0/2', 'huge/0/1'].map((name) => `world/held-out/string/${name}/0`);
  for (const [i, trial] of store.trials(id).entries()) {
    const world = rowsOf('world-string', 'asked', [10 * i, 20, 90]);
    const emoji = rowsOf('emoji-caption', 'asked', [1, 2, 3]);
    const items = [...world.items.map((item, place) => ({ ...item, item: names[place]! })), ...emoji.items];
    store.finishTrial(trial.id, 1, [world.score, emoji.score], items);
  }
  const record = readRun(store, id);
  store.close();
  const common = { task: 'world-string', shots: 0 };
  expect(gradesOf(measures(record), (task) => record.taskItems.get(task)?.items ?? [])).toEqual([
    { ...common, resolution: 224, grade: 'tiny', mean: 10, items: 2 },
    { ...common, resolution: 224, grade: 'huge', mean: 90, items: 1 },
    { ...common, resolution: 336, grade: 'tiny', mean: 15, items: 2 },
    { ...common, resolution: 336, grade: 'huge', mean: 90, items: 1 },
  ]);
});
