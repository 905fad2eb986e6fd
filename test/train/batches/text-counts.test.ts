import { expect, it } from 'vitest';
import { addTexts, NO_TEXTS, textPercentage } from '../../../src/train/batches/text-counts.js';

it('adds counts up, and gives shares of all of them', () => {
  const one = addTexts(NO_TEXTS, { alt: 2, rewritten: 1, mismatched: 1 });
  const sum = addTexts(one, { alt: 0, rewritten: 4, mismatched: 0 });
  expect(sum).toEqual({ alt: 2, rewritten: 5, mismatched: 1 });
  expect(textPercentage('rewritten', sum)).toBe(62.5);
  expect(textPercentage('mismatched', one)).toBe(25);
});

it('has no shares of nothing', () => {
  expect(textPercentage('alt', NO_TEXTS)).toBe(0);
});
