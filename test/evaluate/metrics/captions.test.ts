import { describe, expect, it } from 'vitest';
import { ciderD } from '../../../src/evaluate/metrics/cider-d.js';
import { ptbTokenize } from '../../../src/evaluate/metrics/ptb-tokenizer.js';
import { metricCases, readJson } from './golden.js';

interface CaptionCase {
  references: Record<string, string[]>;
  hypotheses: Record<string, string>;
  tokenised_references?: Record<string, string[]>;
  tokenised_hypotheses?: Record<string, string>;
  expected: { corpus: { CIDEr_D: number }; per_image: Record<string, { CIDEr_D: number }> };
}

const cases = metricCases((file) => 'references' in file && 'hypotheses' in file);
const words = (text: string) => text.split(/\s+/).filter((word) => word !== '');

describe('CIDEr-D', () => {
  it('finds golden cases of both kinds', () => {
    expect(cases.length).toBeGreaterThanOrEqual(2);
  });

  describe.each(cases)('golden case %s', (name) => {
    const golden = readJson<CaptionCase>(name, 'case.json');
    const ids = Object.keys(golden.references);
    const split = golden.tokenised_references ? ptbTokenize : words;
    const scores = ciderD(
      ids.map((id) => split(golden.hypotheses[id]!)),
      ids.map((id) => golden.references[id]!.map(split)),
    );

    it('agrees with pycocoevalcap for the corpus', () => {
      expect(Math.abs(scores.mean - golden.expected.corpus.CIDEr_D)).toBeLessThan(1e-9);
    });

    it('agrees with pycocoevalcap for each item', () => {
      ids.forEach((id, index) => {
        expect(Math.abs(scores.items[index]! - golden.expected.per_image[id]!.CIDEr_D), id).toBeLessThan(1e-9);
      });
    });

    if (golden.tokenised_references) {
      it('tokenises as PTBTokenizer does', () => {
        for (const id of ids) {
          const references = golden.references[id]!.map((text) => ptbTokenize(text).join(' '));
          expect(references).toEqual(golden.tokenised_references![id]);
          expect(ptbTokenize(golden.hypotheses[id]!).join(' ')).toBe(golden.tokenised_hypotheses![id]);
        }
      });
    }
  });

  it('gives an item the highest score for one of two equal references, and none for a foreign caption', () => {
    const references = [[words('a red apple on a plate')], [words('two dogs run home fast')]];
    const [same, foreign] = ciderD([words('a red apple on a plate'), words('green')], references).items;
    expect(same).toBeCloseTo(10, 9);
    expect(foreign).toBe(0);
  });

  it('scores an empty caption 0', () => {
    expect(ciderD([[], ['dog']], [[['cat']], [['dog']]]).items[0]).toBe(0);
  });

  it('refuses what cannot be scored', () => {
    expect(() => ciderD([], [])).toThrow(/no items/);
    expect(() => ciderD([['a']], [])).toThrow(/1 captions against 0/);
    expect(() => ciderD([['a']], [[]])).toThrow(/item 0 has no reference/);
  });
});

describe('Penn Treebank tokens', () => {
  it.each([
    ["They're done; we'll go, I'd've", "they 're done we 'll go i 'd 've"],
    ["He can't, won't and isn't", "he ca n't wo n't and is n't"],
    ["O'Neill at 5 o'clock", "o'neill at 5 o'clock"],
    ['Mr. Smith of St. Louis met J. Doe at 10 a.m.', 'mr. smith of st. louis met j. doe at 10 a.m.'],
    ['The fig. shows no. 7 and no.', 'the fig shows no. 7 and no'],
    ['I wanna, gotta and cannot', 'i wan na got ta and can not'],
    ['cannotation and gonnax stay', 'cannotation and gonnax stay'],
    ['the kids’ “red” ball – new…', 'the kids red ball new'],
    ['1/2 of 10/12/2014, 2nd place: -5 or .5', '1/2 of 10/12/2014 2nd place -5 or .5'],
    ['AT&T sells {x} for €5', 'at&t sells -lcb- x -rcb- for $ 5'],
    ['wow!! really?!', 'wow !! really ?!'],
    ['', ''],
    ['... -- !', ''],
  ])('%s', (text, tokens) => {
    expect(ptbTokenize(text).join(' ')).toBe(tokens);
  });
});
