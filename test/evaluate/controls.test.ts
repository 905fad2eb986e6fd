import { expect, it } from 'vitest';
import { blinded, shuffledItems, underCondition } from '../../src/evaluate/controls.js';
import type { Item } from '../../src/evaluate/tasks/task.js';

const items = Array.from(
  { length: 30 },
  (_, i): Item => ({
    id: `${i}`,
    concept: `concept ${i % 10}`,
    image: `picture ${i}`,
    question: `question ${i}`,
    references: [`answer ${i % 5}`],
    choices: [],
  }),
);
const texts = items.map((item): Item => ({ ...item, image: null }));

it('blind: the picture goes, the question stays; of text alone, the question goes', () => {
  expect(blinded(items[0]!)).toEqual({ ...items[0], image: null });
  expect(blinded(texts[0]!)).toEqual({ ...texts[0], question: '' });
});

it('shuffled: every picture is shown once, with a question whose answer it does not give', () => {
  const shuffled = shuffledItems(items, 'task');
  expect(shuffled.map(({ image }) => image).sort()).toEqual(items.map(({ image }) => image).sort());
  const owner = new Map(items.map((item) => [item.image, item]));
  const right = shuffled.filter((item) => owner.get(item.image)!.references[0] === item.references[0]);
  expect(right.length).toBeLessThanOrEqual(2); // the last few have no choice
  for (const [i, item] of shuffled.entries()) expect({ ...item, image: items[i]!.image }).toEqual(items[i]);
  expect(shuffledItems(items, 'task')).toEqual(shuffled);
  const questions = shuffledItems(texts, 'task');
  expect(questions.every(({ question }, i) => question !== texts[i]!.question)).toBe(true);
});

it('shuffled: where items tell their kind, the picture is of another of the same kind', () => {
  const told = items.map((item, i): Item => ({ ...item, kind: `kind ${i % 3}` }));
  const owner = new Map(told.map((item) => [item.image, item]));
  const shuffled = shuffledItems(told, 'task');
  const alike = shuffled.filter((item) => owner.get(item.image)!.kind === item.kind);
  expect(alike.length).toBeGreaterThanOrEqual(27); // the last of a kind may have no choice
  expect(shuffled.every((item, i) => item.image !== told[i]!.image)).toBe(true);
});

it('one item alone is shown what there is', () => {
  expect(shuffledItems(items.slice(0, 1), 'task')).toEqual(items.slice(0, 1));
});

it('demonstrations lose their pictures where the query does, and text keeps its demonstrations', () => {
  expect(underCondition('blind', items, 'task').example(items[3]!)).toEqual({ ...items[3], image: null });
  expect(underCondition('blind', texts, 'task').example(texts[3]!)).toBe(texts[3]);
  expect(underCondition('shuffled', items, 'task').example(items[3]!)).toBe(items[3]);
  expect(underCondition('asked', items, 'task')).toMatchObject({ items });
});
