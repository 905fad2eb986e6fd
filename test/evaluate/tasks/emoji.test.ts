import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import {
  captionOf,
  imagesOf,
  loadEmojiCorpus,
  type Split,
  splitOf,
  trainingConcepts,
} from '../../../src/data/emoji/corpus.js';
import { guesses } from '../../../src/evaluate/tasks/task.js';
import { drawTask } from '../asked.js';
import { plain } from './place.js';

const CONCEPTS = 100;
const corpus = loadEmojiCorpus({ concepts: CONCEPTS });
const images = new Map(corpus.images.map((image) => [image.id, image]));
const SEEN: readonly Split[] = ['seen-concept'];
const UNSEEN: readonly Split[] = ['unseen-concept', 'unseen-both'];
const TASKS = [
  ['emoji-caption', SEEN],
  ['emoji-question', SEEN],
  ['emoji-caption-unseen', UNSEEN],
  ['emoji-question-unseen', UNSEEN],
] as const;
const draw = (name: (typeof TASKS)[number][0], items = 40, demonstrations = 64) =>
  drawTask(name, { concepts: CONCEPTS, items, demonstrations });
const drawn = new Map(await Promise.all(TASKS.map(async ([name]) => [name, await draw(name)] as const)));
const task = (name: (typeof TASKS)[number][0]) => drawn.get(name)!;

describe.each(TASKS)('%s', (name, splits) => {
  const { asked, examples } = task(name);

  it('asks about held-out pictures alone, and shows training pictures of different concepts', () => {
    const found = asked.map(({ image }) => splitOf(images.get(image!.id)!, corpus));
    expect(found.filter((split) => !splits.includes(split))).toEqual([]);
    expect(asked).toHaveLength(40);
    expect(examples).toHaveLength(64);
    expect(new Set(examples.map(({ concept }) => concept)).size).toBe(64);
    for (const { image } of examples) expect(splitOf(images.get(image!.id)!, corpus)).toBe('train');
  });

  it('asks and shows the same each time, and fewer of the same', async () => {
    const again = await draw(name, 60, 12);
    const ids = (items: readonly { id: string }[]) => items.map(({ id }) => id);
    expect(new Set(ids(again.asked))).toEqual(new Set([...ids(again.asked), ...ids(asked)]));
    expect(ids(again.examples)).toEqual(ids(examples).slice(0, 12));
    expect(ids((await draw(name)).asked)).toEqual(ids(asked));
    expect((await draw(name, 5, 0)).examples).toEqual([]);
  });

  it('has no item twice, and the right answer among what is guessed wherever a guess can be right', () => {
    expect(new Set(asked.map(({ id }) => id)).size).toBe(asked.length);
    for (const { choices, references } of asked) {
      expect(choices.length).toBeGreaterThan(1);
      // Nobody who has only seen training concepts guesses the name of a held-out one.
      expect(choices.includes(references[0]!)).toBe(name !== 'emoji-caption-unseen');
    }
  });
});

it('all held-out pictures are asked where as many are wanted', async () => {
  const { asked } = await draw('emoji-caption-unseen', 1e6);
  const all = UNSEEN.flatMap((split) => imagesOf(corpus, split)).map(({ id }) => id);
  expect(asked.map(({ id }) => id)).toEqual(all);
});

it('what is asked is what was asked when results were first published', () => {
  const ids = TASKS.map(([name]) => [name, task(name).asked.map(({ id }) => id)]);
  expect(createHash('sha256').update(JSON.stringify(ids)).digest('hex')).toBe(
    'af8f87f97df568e276374826ba36e680c3ee08ce1b13e5d93a2062fb49089d81',
  );
  expect(guesses(plain(task('emoji-caption').asked.slice(0, 3)))).toEqual([
    'oncoming taxi',
    'television',
    'Japanese "application" button',
  ]);
});

it.each([
  ['emoji-caption', { group: 'captioning', metric: 'CIDEr-D', answer: 'written', limit: 16, stops: ['\n'] }],
  [
    'emoji-question',
    { group: 'vqa', metric: 'VQA accuracy', answer: 'written', limit: 16, stops: ['\n', '.', ',', 'Question'] },
  ],
] as const)('%s says what it is averaged in, and where answers end', (name, form) =>
  expect(task(name).task).toMatchObject(form),
);

describe('scores', () => {
  const questions = plain(task('emoji-question').asked);
  const captions = plain(task('emoji-caption').asked);
  const right = (items: typeof questions) => items.map(({ references }) => references[0]!);
  const { score, chance } = task('emoji-question').task;

  it('a right answer to every question is 100, a wrong one 0, each in its own place', () => {
    expect(score(right(questions), questions).value).toBe(100);
    const spoiled = score(['nothing', ...right(questions).slice(1)], questions);
    expect(spoiled.items).toEqual([0, ...new Array(39).fill(100)]);
    expect(spoiled.value).toBe((39 / 40) * 100);
  });

  it('a right caption scores far above a wrong one, each in its own place', () => {
    const { score: scored } = task('emoji-caption').task;
    const perfect = scored(right(captions), captions);
    expect(perfect.value).toBeGreaterThan(300);
    const spoiled = scored(
      right(captions).map((text, i) => (i === 7 ? 'nothing at all' : text)),
      captions,
    );
    expect(spoiled.items[7]).toBe(0);
    expect(spoiled.items[8]).toBe(perfect.items[8]);
  });

  it("chance is a guess's: any answer of the question's kind, or any training concept's name", () => {
    const expected = (100 / 40) * questions.reduce((total, { choices }) => total + 1 / choices.length, 0);
    expect(chance(questions)).toBeCloseTo(expected, 9);
    expect(expected).toBeGreaterThan(2);
    const names = trainingConcepts(corpus).map(captionOf);
    expect(names).toHaveLength(80);
    for (const { choices } of captions) expect(choices).toEqual(names);
    const { task: caption } = task('emoji-caption');
    expect(caption.chance(captions)).toBe(caption.score(guesses(captions), captions).value);
    expect(caption.chance(captions)).toBeLessThan(caption.score(right(captions), captions).value / 10);
  });
});
