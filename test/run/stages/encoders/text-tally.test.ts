import { expect, it } from 'vitest';
import { TextTally } from '../../../../src/run/stages/encoders/text-tally.js';

const one = { alt: 2, rewritten: 1, mismatched: 1 };
const two = { alt: 0, rewritten: 4, mismatched: 0 };

it('knows what was counted before a step when the next one is drawn already', () => {
  const tally = new TextTally();
  tally.add(0, one);
  tally.add(1, two);
  expect(tally.before(1)).toEqual(one);
  expect(tally.before(2)).toEqual({ alt: 2, rewritten: 5, mismatched: 1 });
  expect(tally.percentage('rewritten', 2)).toBe(62.5);
  expect(tally.percentage('mismatched', 1)).toBe(25);
});

it('goes on where another one stood', () => {
  const before = new TextTally();
  before.add(0, one);
  const after = new TextTally();
  after.restore(JSON.parse(JSON.stringify(before.before(1))), 1);
  after.add(1, two);
  expect(after.before(2)).toEqual({ alt: 2, rewritten: 5, mismatched: 1 });
});

it('has no shares of nothing, and keeps the last few steps alone', () => {
  const tally = new TextTally();
  expect(tally.percentage('alt', 0)).toBe(0);
  for (let step = 0; step < 5; step++) tally.add(step, one);
  expect(() => tally.before(2)).toThrow('not counted');
  expect(tally.before(4).alt).toBe(8);
});
