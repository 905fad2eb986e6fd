import { expect, it } from 'vitest';
import { ENCODER_DATA } from '../../src/config/recipe.js';
import { ENCODER_SETS, encoderDocuments } from '../../src/data/encoder-sets.js';

it('keeps the proportions that the paper names', () => {
  const documents = ENCODER_DATA.map((data) => encoderDocuments({ data, pictures: 5000 }));
  expect(documents).toEqual([2000, 5000, 5000, 400]);
  for (const { pairs, size } of Object.values(ENCODER_SETS)) expect(Math.abs(pairs / 5e9 - size)).toBeLessThan(0.061);
});

it('rounds, and leaves one document at least', () => {
  expect(encoderDocuments({ data: 'dfn-2b', pictures: 4 })).toBe(2);
  expect(encoderDocuments({ data: 'imagetext-400m', pictures: 3 })).toBe(1);
});

it('has the texts that VeCap-300M adds beside five billion, in its own set alone', () => {
  const rewritten = ENCODER_DATA.map((data) => Math.round(1e4 * ENCODER_SETS[data].rewritten));
  expect(rewritten).toEqual([0, 0, 566, 0]);
});

it('has more wrong texts where no network filtered', () => {
  expect(ENCODER_DATA.map((data) => ENCODER_SETS[data].mismatched)).toEqual([0.05, 0.05, 0.05, 0.2]);
});
