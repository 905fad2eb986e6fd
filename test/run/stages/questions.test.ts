import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { EvaluationSpec, TaskSpec } from '../../../src/config/plan.js';
import { OWN_TASK_KINDS } from '../../../src/config/tasks.js';
import { loadEmojiCorpus, splitOf } from '../../../src/data/emoji/corpus.js';
import { FeatureSet } from '../../../src/data/feature-set.js';
import { openImageSet } from '../../../src/data/image-set.js';
import { renderImage } from '../../../src/data/render.js';
import { resizeBicubic } from '../../../src/data/resample.js';
import { openEngine } from '../../../src/engine/index.js';
import { readQuestions } from '../../../src/evaluate/question-folder.js';
import { sourceReader } from '../../../src/plan/sources.js';
import { STAGE_RUNNERS } from '../../../src/run/stages/index.js';
import type { Progress } from '../../../src/run/stages/stage-kind.js';
import { picture, write } from '../../data/sources/own-data.js';
import { encoder, finish, folders, makeCorpus, recipe, surroundings } from '../first-update.js';

const CONCEPTS = 20;
const SIDE = 56;
const emoji = loadEmojiCorpus({ concepts: CONCEPTS });
const drawings = new Map(emoji.images.map((image) => [image.id, image]));
const named = (...names: string[]): TaskSpec[] => names.map((name) => ({ name }));

/** Runs the stage, and reads what it left. */
async function questions(
  change: Partial<EvaluationSpec>,
  { grid = '', detail }: { grid?: string; detail?: number } = {},
) {
  const evaluation = {
    tasks: named('emoji-caption', 'definition'),
    shots: [0, 2],
    demonstration_seeds: 2,
    items: 5,
    prompts: {},
    ...change,
  };
  const told: Progress[] = [];
  const notes: string[] = [];
  const { context } = surroundings(async (progress) => void told.push(progress));
  const own = { ...context, places: { grid, runs: '' }, note: (text: string) => void notes.push(text) };
  const spec = { concepts: CONCEPTS, evaluation, resolution: SIDE, ...(detail && { detail }) };
  const summary = await STAGE_RUNNERS.questions(spec, own);
  const set = await openImageSet(own.folder);
  const { ids, resolution } = set;
  await set.close();
  return { at: own.folder, tasks: readQuestions(own.folder), summary, told, notes, ids, resolution };
}

describe('the stage questions', () => {
  it('keeps the items of every task, and two lists of demonstrations of every seed', async () => {
    const { tasks, summary, told, ids, resolution } = await questions({});
    expect(tasks.map(({ name, items }) => [name, items.length])).toEqual([
      ['emoji-caption', 5],
      ['definition', 5],
    ]);
    for (const { demonstrations } of tasks) {
      expect(demonstrations.map((lists) => lists.map((list) => list.length))).toEqual([
        [2, 2],
        [2, 2],
      ]);
      expect(demonstrations[0]).not.toEqual(demonstrations[1]);
    }
    const shown = tasks.flatMap(({ items, demonstrations }) => [...items, ...demonstrations.flat(2)]);
    const wanted = new Set(shown.flatMap(({ image }) => image ?? []));
    expect(new Set(ids)).toEqual(wanted);
    expect([ids.length, resolution]).toEqual([wanted.size, SIDE]);
    expect(summary).toMatchObject({ tasks: 2, items: 10, pictures: wanted.size });
    expect(told.at(-1)).toEqual({ done: wanted.size, total: wanted.size });
  });

  it('asks about held-out pictures and shows training ones', async () => {
    const { tasks } = await questions({ tasks: named('emoji-caption', 'emoji-question') });
    const splits = (items: readonly { readonly image: string | null }[]) =>
      new Set(items.map(({ image }) => splitOf(drawings.get(image!)!, emoji)));
    for (const { items, demonstrations } of tasks) {
      expect(splits(items)).toEqual(new Set(['seen-concept']));
      expect(splits(demonstrations.flat(2))).toEqual(new Set(['train']));
    }
  });

  it('draws every picture as it is, or with no more detail than is asked for', async () => {
    const [plain, detailed] = [await questions({}), await questions({}, { detail: 28 })];
    expect(detailed.ids).toEqual(plain.ids);
    const drawing = drawings.get(plain.ids[3]!)!;
    for (const [{ at }, expected] of [
      [plain, await renderImage(drawing, SIDE)],
      [detailed, resizeBicubic(await renderImage(drawing, 28), 28, 28, SIDE, SIDE)],
    ] as const) {
      const set = await openImageSet(at);
      expect(Buffer.compare(await set.pixels(3), expected)).toBe(0);
      await set.close();
    }
  });

  it('is the same each time, byte by byte', async () => {
    const [once, twice] = [await questions({}), await questions({})];
    for (const file of ['questions.json', 'images.bin', 'index.json']) {
      expect(readFileSync(join(twice.at, file)).equals(readFileSync(join(once.at, file))), file).toBe(true);
    }
  });

  it('draws no demonstrations where no shots are asked for, nor for what is measured', async () => {
    const { tasks } = await questions({ shots: [0] });
    expect(tasks.map(({ demonstrations }) => demonstrations)).toEqual([[], []]);
    const measured = await questions({ tasks: named('speech-bits') });
    expect(measured.tasks.map(({ items, demonstrations }) => [items.length, demonstrations])).toEqual([[5, []]]);
  });

  it('more shots than there are examples for are refused with what would do', async () => {
    await expect(questions({ tasks: named('emoji-caption'), shots: [9] })).rejects.toMatchObject({
      code: 'E_EVALUATION',
      where: 'emoji-caption',
      remedy: 'Ask for at most 8 shots, or give the task more training examples.',
    });
  });
});

describe('text alone', () => {
  beforeAll(async () => {
    await openEngine();
    folders.corpus = await makeCorpus('caption');
    folders.encoder = (
      await finish('encoder', {
        recipe: { scale: recipe.scale, precision: recipe.precision, encoder: { ...encoder, steps: 1 } },
      })
    ).at;
  });

  it('has no pictures, and no features of any', async () => {
    const { at, ids, summary } = await questions({ tasks: named('definition', 'antonym') });
    expect([ids, summary.pictures]).toEqual([[], 0]);
    folders.pictures = at;
    const { at: features, summary: said } = await finish('features', { recipe });
    expect(said).toMatchObject({ pictures: 0 });
    const set = new FeatureSet(features);
    expect(set.ids).toEqual([]);
    set.close();
  });
});

describe("somebody's own data", () => {
  const grid = mkdtempSync(join(tmpdir(), 'mm1-own-questions-'));
  const coco = (name: string, count: number) => {
    const images = Array.from({ length: count }, (_, id) => ({ id, file_name: 'a.png' }));
    // One caption is empty.
    const annotations = images.map(({ id }) => ({ image_id: id, caption: id === 1 ? ' ' : `Thing ${id} of ${name}` }));
    write(grid, `${name}.json`, JSON.stringify({ images, annotations }));
    return sourceReader('')(OWN_TASK_KINDS, { coco: { annotations: `${name}.json`, images: 'pictures' } }, grid);
  };
  const own = async (asked: number, shown: number): Promise<TaskSpec> => {
    write(grid, 'pictures/a.png', await picture('#336699'));
    const { kind, source } = coco('val', asked);
    return { name: 'mine', kind: kind as 'caption', source, examples: coco('train', shown).source };
  };

  it('is asked with its own examples, and what is left out is told', async () => {
    const { tasks, notes, ids } = await questions({ tasks: [await own(200, 300)] }, { grid });
    expect(tasks).toMatchObject([{ name: 'mine' }]);
    expect(tasks[0]!.items.every(({ id }) => id.startsWith('val.json#'))).toBe(true);
    expect(tasks[0]!.demonstrations.flat(2).every(({ id }) => id.startsWith('train.json#'))).toBe(true);
    expect(ids.length).toBeGreaterThan(5);
    expect(notes).toEqual([
      expect.stringMatching(/^mine: .*val\.json: 1 of 200 left out: 1 empty caption$/),
      expect.stringMatching(/^mine: .*train\.json: 1 of 300 left out: 1 empty caption$/),
    ]);
  });

  it.each(['val', 'train'])('that has changed since the run was planned is E_DATA: %s', async (name) => {
    const task = await own(200, 300);
    coco(name, 250);
    await expect(questions({ tasks: [task] }, { grid })).rejects.toMatchObject({
      code: 'E_DATA',
      message: 'the data has changed since the run was started',
    });
  });
});
