import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { TASK_NAMES } from '../../../src/config/recipe.js';
import { loadEmojiCorpus, splitOf, trainingConcepts } from '../../../src/data/emoji/corpus.js';
import { evaluationItems } from '../../../src/evaluate/tasks/index.js';
import { guesses } from '../../../src/evaluate/tasks/task.js';

const corpus = loadEmojiCorpus({ concepts: 100 });
const asked = evaluationItems(corpus, { tasks: TASK_NAMES, shots: [0], items: 40 });
const task = (name: string) => asked.find((one) => one.name === name)!;

describe('what is asked', () => {
  it.each([
    ['emoji-caption', ['seen-concept']],
    ['emoji-question', ['seen-concept']],
    ['emoji-caption-unseen', ['unseen-concept', 'unseen-both']],
    ['emoji-question-unseen', ['unseen-concept', 'unseen-both']],
  ])('%s asks about held-out pictures alone', (name, splits) => {
    const found = new Set(task(name).items.map(({ image }) => splitOf(image, corpus)));
    expect([...found].every((split) => splits.includes(split))).toBe(true);
    expect(task(name).items.length).toBe(40);
  });

  it('is the same each time, and more of the same when more is asked', () => {
    const again = evaluationItems(corpus, { tasks: TASK_NAMES, shots: [0], items: 40 });
    expect(again.map(({ items }) => items.map(({ id }) => id))).toEqual(
      asked.map(({ items }) => items.map(({ id }) => id)),
    );
    const ids = (items: number) =>
      evaluationItems(corpus, { tasks: ['emoji-question'], shots: [0], items })[0]!.items.map(({ id }) => id);
    expect(new Set(ids(60))).toEqual(new Set([...ids(60), ...ids(40)]));
  });

  it('is what was asked when results were first published', () => {
    const ids = asked.map(({ name, items }) => [name, items.map(({ id }) => id)]);
    expect(createHash('sha256').update(JSON.stringify(ids)).digest('hex')).toBe(
      'af8f87f97df568e276374826ba36e680c3ee08ce1b13e5d93a2062fb49089d81',
    );
    const guessed = guesses(task('emoji-caption').items.slice(0, 3));
    expect(guessed).toEqual(['oncoming taxi', 'television', 'Japanese "application" button']);
  });

  it.each([
    ['emoji-caption', { metric: 'CIDEr-D', limit: 16, stops: ['\n'] }],
    ['emoji-question', { metric: 'VQA accuracy', limit: 16, stops: ['\n', '.', ',', 'Question'] }],
  ])('%s says where answers end', (name, ending) => expect(task(name).task).toMatchObject(ending));

  it('has no item twice, and never tells the answer in its prompt', () => {
    for (const { items } of asked) {
      expect(new Set(items.map(({ id }) => id)).size).toBe(items.length);
      for (const { prompt, references } of items) {
        for (const reference of references) expect(prompt.toLowerCase()).not.toContain(` ${reference.toLowerCase()} `);
      }
    }
  });

  it('offers the right answer of a question among its choices', () => {
    for (const { choices, references } of task('emoji-question').items) expect(choices).toContain(references[0]);
  });
});

describe('scores', () => {
  it('a perfect answer to every question is 100, a wrong one 0', () => {
    const { task: question, items } = task('emoji-question');
    const right = items.map(({ references }) => references[0]!);
    expect(question.score(right, items).mean).toBe(100);
    expect(question.score([...right.slice(1), 'nothing'], [...items]).mean).toBeLessThan(100);
    expect(
      question.score(
        items.map(() => 'nothing'),
        items,
      ).mean,
    ).toBe(0);
  });

  it('a perfect caption scores far above a wrong one, each in its own place', () => {
    const { task: caption, items } = task('emoji-caption');
    const right = items.map(({ references }) => references[0]!);
    const perfect = caption.score(right, items);
    expect(perfect.mean).toBeGreaterThan(300);
    const spoiled = caption.score(
      right.map((text, i) => (i === 7 ? 'nothing at all' : text)),
      items,
    );
    expect(spoiled.items[7]).toBe(0);
    expect(spoiled.items[8]).toBe(perfect.items[8]);
  });

  it("chance is a guess's expected accuracy", () => {
    const { task: question, items } = task('emoji-question');
    const expected = (100 / items.length) * items.reduce((total, { choices }) => total + 1 / choices.length, 0);
    expect(question.chance(items)).toBeCloseTo(expected, 9);
    expect(trainingConcepts(corpus).length).toBe(80);
  });
});
