import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TASKS_OF_GROUP } from '../../src/config/tasks.js';
import { CAPTION_PROMPT } from '../../src/data/examples.js';
import { cloze } from '../../src/evaluate/tasks/cloze.js';
import type { ShownAnswers } from '../../src/report/answers.js';
import type { Report } from '../../src/report/report.js';
import type { ItemScoreRow } from '../../src/store/rows.js';
import { Store } from '../../src/store/store.js';
import { picture, write } from '../data/sources/own-data.js';
import { type Finished, gridFolder, mm1, removePackage } from '../run/grid.js';

// From a grid with shots, text and somebody's own captions to a report, its items, and questions asked by hand.

const GRID = `
scale: smoke
seeds: [0]
base:
  encoder: {model: vit-b, resolution: 56, steps: 2, batch: 8, pictures: 30}
  connector: {type: average-pool, tokens: 4}
  language_model: {steps: 2, batch: 2}
  training: {steps: 3, batch: 2, warmup: 1}
  data: {concepts: 20, documents: 20, text_documents: 40, interleaved: 0, text_from: emoji-texts, text_tokens: 400}
axes:
  training.freeze: [[encoder], []]
evaluation:
  tasks: [textcore, {coco: {annotations: val.json, images: pictures}, name: my-captions, examples: {coco: {annotations: train.json, images: pictures}}}]
  shots: [0, 1]
  demonstration_seeds: 2
  items: 4
`;
const { folder, grid, runs } = gridFolder(GRID);
const COLOURS = ['red', 'green', 'blue', 'yellow', 'black', 'purple', 'white', 'orange'];
const pictureFile = (i: number) => join(folder, 'pictures', `${COLOURS[i]}.png`);

async function ownCaptions(): Promise<void> {
  const colours = [...COLOURS.keys()];
  for (const i of colours) write(folder, `pictures/${COLOURS[i]}.png`, await picture(COLOURS[i]!));
  for (const [name, ids] of [
    ['val', colours.slice(0, 4)],
    ['train', colours.slice(4)],
  ] as const) {
    const images = ids.map((id) => ({ id, file_name: `${COLOURS[id]}.png` }));
    const annotations = ids.flatMap((id) =>
      ['square', 'picture'].map((word) => ({ image_id: id, caption: `a ${COLOURS[id]} ${word}` })),
    );
    writeFileSync(join(folder, `${name}.json`), JSON.stringify({ images, annotations }));
  }
}

const ask = (...args: string[]) => mm1('try', '--runs-dir', runs, ...args);
const report = async (...args: string[]) => mm1('report', '--runs-dir', runs, ...args);

beforeAll(async () => {
  await ownCaptions();
  const { status, stderr } = await mm1('ablate', grid, '--runs-dir', runs);
  expect(status, stderr).toBe(0);
});
afterAll(removePackage);

/** What a variant answered to a task without shots, as it was asked, by the item's id. */
function recorded(variant: number, task: string): ItemScoreRow[] {
  const store = Store.openReadOnly(join(runs, 'mm1.sqlite'));
  const { id } = store.run('latest');
  const row = store.variants(id)[variant - 1]!;
  const trial = store.trials(id).find(({ variantId }) => variantId === row.id)!;
  const items = store.items(trial.id);
  store.close();
  const own = items.filter((item) => item.task === task && item.shots === 0 && item.condition === 'asked');
  return own.sort((a, b) => (a.item < b.item ? -1 : 1));
}

describe('a run with shots, text and own captions', () => {
  it('is reported task by task, at every number of shots', async () => {
    const { status, stdout } = await report('--format', 'json');
    expect(status).toBe(0);
    const { tasks, means }: Report = JSON.parse(stdout);
    const measured = (task: string) => (task === 'speech-bits' ? [0] : [0, 1]);
    const names = [...TASKS_OF_GROUP.textcore, 'my-captions'];
    expect(tasks.map(({ task, shots }) => `${task} ${shots}`).sort()).toEqual(
      names.flatMap((name) => measured(name).map((shots) => `${name} ${shots}`)).sort(),
    );
    for (const { task, shots, variants, demonstrationSeeds, items } of tasks) {
      expect([variants.length, items, demonstrationSeeds]).toEqual([2, 4, shots === 0 ? 1 : 2]);
      const controls = variants.flatMap(({ blind, shuffled }) => [blind, shuffled]);
      expect(controls.every((control) => (control === null) === (task === 'speech-bits'))).toBe(true);
    }
    expect(means.length).toBeGreaterThan(0);
    const text = await report();
    expect(text.status).toBe(0);
    for (const name of names) expect(text.stdout).toContain(name);
  });

  it('shows its own captions with the demonstrations that stood before them', async () => {
    const shown = ['show', '--runs-dir', runs, '--variant', '2', '--task', 'my-captions', '--shots', '1'];
    const { status, stdout, stderr } = await mm1(...shown, '--json');
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    const { items }: ShownAnswers = JSON.parse(stdout);
    expect(items.map(({ item }) => item).sort()).toEqual([0, 1, 2, 3].map((id) => `val.json#${id}`));
    const text = await mm1(...shown);
    expect(text.status).toBe(0);
    expect(text.stdout).toMatch(/<train\.json#\d>A drawing of a \w+ square/);
    expect(text.stdout).not.toMatch(/<val\.json#\d>A drawing of a/);
  });
});

describe('mm1 try', () => {
  it.each([1, 2])('answers about a picture file what the run answered about it: variant %i', async (variant) => {
    const items = recorded(variant, 'my-captions');
    expect(items).toHaveLength(4);
    expect(new Set(items.map(({ output }) => output)).size).toBeGreaterThan(1);
    for (const i of [0, 3]) {
      const asked = ['--variant', `${variant}`, '--image', pictureFile(i), '--tokens', '32', '--seed', '0'];
      const { status, stdout, stderr } = await ask(...asked, CAPTION_PROMPT);
      expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: `${items[i]!.output}\n`, stderr: '' });
    }
  });

  it('goes on with a text where there is no picture, up to so many tokens', async () => {
    const asked = ['--variant', 'training.freeze encoder', '--tokens'];
    const { limit, stops } = cloze;
    const answers: string[] = [];
    for (const { prompt, output } of recorded(1, 'cloze').slice(0, 2)) {
      const { status, stdout, stderr } = await ask(...asked, `${limit}`, prompt);
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
      const ends = stops.map((stop) => stdout.indexOf(stop)).filter((at) => at >= 0);
      expect(stdout.slice(0, Math.min(...ends)).trim()).toBe(output);
      answers.push(stdout);
    }
    const [{ prompt }] = recorded(1, 'cloze') as [ItemScoreRow];
    const { stdout } = await ask(...asked, '1', prompt);
    expect(answers[0]!.startsWith(stdout.trim())).toBe(true);
    expect(stdout.length).toBeLessThan(answers[0]!.length);
  });

  it('puts the picture first, or where the prompt says', async () => {
    const about = (prompt: string) => ask('--variant', '2', '--image', pictureFile(2), prompt);
    const [first, said, behind] = [await about('Look:'), await about('{image}Look:'), await about('Look:{image}')];
    expect(said).toEqual(first);
    expect(behind.status).toBe(0);
    expect(behind.stdout).not.toBe(first.stdout);
  });

  const cut = join(folder, 'cut.png');
  writeFileSync(cut, 'no picture');
  it.each([
    ['an unknown variant', ['--variant', '3'], 2, 'E_USAGE', '1 to 2'],
    ['a picture that is missing', ['--variant', '1', '--image', join(folder, 'gone.png')], 1, 'E_IMAGE', 'gone.png'],
    ['a file that is no picture', ['--variant', '1', '--image', cut], 1, 'E_IMAGE', cut],
    ['a folder for a picture', ['--variant', '1', '--image', folder], 1, 'E_IMAGE', folder],
    ['a seed that was not trained', ['--variant', '1', '--seed', '7'], 1, 'E_NOT_TRAINED', 'seed 7'],
    ['what is no seed', ['--variant', '1', '--seed', 'first'], 2, 'E_USAGE', '--seed 0'],
    ['an answer of no tokens', ['--variant', '1', '--tokens', '0'], 2, 'E_USAGE', '--tokens 48'],
    ['an unknown run', ['--variant', '1', '--run', 'none'], 1, 'E_RUN_NOT_FOUND', 'none'],
    ['no variant', [], 2, 'variant', '--variant'],
  ])('says what is wrong with %s', async (_, args, status, code, hint) => {
    expectFault(await ask(...args, 'Look:'), status, code, hint);
  });

  it('says so where the prompt is longer than what the model was trained on', async () => {
    expectFault(await ask('--variant', '1', 'dog '.repeat(500)), 1, 'E_CONTEXT', 'fewer words');
  });

  it('says what is wrong where nothing is asked, or nothing was ever run', async () => {
    expectFault(await ask('--variant', '1'), 2, 'prompt', 'prompt');
    const none = await mm1('try', '--runs-dir', join(folder, 'none'), '--variant', '1', 'Look:');
    expectFault(none, 1, 'E_NO_RUNS', 'mm1 ablate');
  });

  it('says so where the cache has lost a part of the variant', async () => {
    const store = Store.openReadOnly(join(runs, 'mm1.sqlite'));
    const stages = store.stages(store.run('latest').id);
    store.close();
    const [lost] = stages.filter(({ kind }) => kind === 'language-model');
    rmSync(join(runs, 'cache', lost!.key), { recursive: true });
    expectFault(await ask('--variant', '1', 'Look:'), 1, 'E_NOT_TRAINED', 'language-model');
  });
});

function expectFault({ status, stdout, stderr }: Finished, expected: number, code: string, hint: string): void {
  expect({ status, stdout }, stderr).toEqual({ status: expected, stdout: '' });
  expect(stderr).toContain(code);
  expect(stderr).toContain(hint);
  expect(stderr).not.toContain('    at ');
}
