import { expect, it } from 'vitest';
import type { MixtureRecipe } from '../../src/data/mixture.js';
import { drawnSummary } from '../../src/train/drawn-summary.js';

const from = (...sources: string[]) => sources.map((source) => ({ source, weight: 1 }));
const RECIPE: MixtureRecipe = {
  caption: 3,
  interleaved: 0,
  text: 1,
  question: 2,
  vecap: 0.25,
  caption_from: from('a', 'b'),
  interleaved_from: [],
  text_from: from('short', 'other'),
  question_from: from('asked'),
};

it('says what was asked for and all that was drawn, by kind, and sequences by source', () => {
  const summary = drawnSummary(RECIPE, {
    'caption a': { sequences: 1, tokens: 20, pictures: 3 },
    'text short': { sequences: 16, tokens: 5000, pictures: 0 },
    'caption b': { sequences: 2, tokens: 400, pictures: 50 },
    'vecap b': { sequences: 4, tokens: 30, pictures: 6 },
  });
  expect(summary).toEqual({
    'sequences asked': { caption: 0.375, vecap: 0.125, text: 1 / 6, question: 1 / 3 },
    'sequences drawn': { caption: 3, vecap: 4, text: 16 },
    'text tokens drawn': { caption: 420, vecap: 30, text: 5000 },
    'pictures drawn': { caption: 53, vecap: 6, text: 0 },
    'sequences by source': { 'caption a': 1, 'caption b': 2, 'vecap b': 4, 'text short': 16 },
  });
});
