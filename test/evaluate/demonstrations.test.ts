import { expect, it } from 'vitest';
import { demonstrationsFor, drawDemonstrations, examplesNeeded } from '../../src/evaluate/demonstrations.js';
import { examplesOf, type Item } from '../../src/evaluate/tasks/task.js';

const item = (i: number, concept = `concept ${i}`): Item => ({
  id: `example ${i}`,
  concept,
  image: `picture ${i}`,
  question: '',
  references: [`answer ${i}`],
  choices: [],
});
const examples = Array.from({ length: 40 }, (_, i) => item(i));
const SHOTS = 8;

it('a query never appears among its demonstrations, nor does anything of its concept, whatever is drawn', () => {
  for (let seed = 0; seed < 20; seed++) {
    const drawn = drawDemonstrations('task', examples, SHOTS, seed);
    let second = 0;
    for (const query of examples) {
      for (const shots of [1, 4, 8]) {
        const shown = demonstrationsFor(query, drawn, shots);
        expect(shown).toHaveLength(shots);
        expect(shown.some(({ concept }) => concept === query.concept)).toBe(false);
        if (shots === 8 && shown[0] === drawn[1][0]) second++;
      }
    }
    expect(second).toBe(SHOTS); // those whose own concept is in the first list, and no others
  }
});

it('demonstrations are the same for every variant, differ between seeds, and more shots go on from fewer', () => {
  const [first, second] = drawDemonstrations('task', examples, SHOTS, 1);
  expect(drawDemonstrations('task', examples, SHOTS, 1)).toEqual([first, second]);
  expect(drawDemonstrations('task', examples, SHOTS, 2)).not.toEqual([first, second]);
  expect(drawDemonstrations('another', examples, SHOTS, 1)).not.toEqual([first, second]);
  expect(new Set([...first, ...second].map(({ id }) => id)).size).toBe(examplesNeeded(SHOTS));
  expect(demonstrationsFor(item(-1), [first, second], 4)).toEqual(first.slice(0, 4));
});

it('too few examples are refused with what would do', () => {
  expect(() => drawDemonstrations('task', examples.slice(0, 11), SHOTS, 0)).toThrow(
    'the task task has 11 training examples of different concepts, and 8 shots need 16',
  );
  expect(drawDemonstrations('task', examples.slice(0, 10), 5, 0).flat()).toHaveLength(10);
});

it('examples are of different concepts, and as many as there are', () => {
  const twice = [...examples, ...examples.map(({ concept }, i) => item(100 + i, concept))];
  const drawn = examplesOf(twice, 30, 'task');
  expect(new Set(drawn.map(({ concept }) => concept)).size).toBe(30);
  expect(examplesOf(twice, 100, 'task')).toHaveLength(40);
  expect(examplesOf(twice, 30, 'task')).toEqual(drawn);
  expect(drawn.some(({ id }) => Number(id.split(' ')[1]) >= 100)).toBe(true);
});
