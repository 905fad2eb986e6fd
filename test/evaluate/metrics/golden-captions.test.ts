import { describe, expect, it } from 'vitest';
import { bleu, ciderD, ptbTokenizeAll, rougeL } from '../../../src/evaluate/metrics/index.js';
import { metricCases, readJson } from './golden.js';

/** A score by its name in a case: Bleu_1 .. Bleu_4, ROUGE_L, CIDEr_D. */
type Scores = Record<string, number>;

interface CaptionCase {
  references: Record<string, string[]>;
  hypotheses: Record<string, string | [string]>;
  /** Present in cases that go through the tokenizer; the others are split at white space. */
  tokenised_references?: Record<string, string[]>;
  tokenised_hypotheses?: Record<string, string | [string]>;
  expected: { corpus: Scores; per_image?: Record<string, Scores> };
}

const cases = metricCases((file) => 'references' in file && 'hypotheses' in file);
const first = (text: string | [string]) => (typeof text === 'string' ? text : text[0]);
/** Python's str.split(): words between white space. */
const words = (text: string) => text.split(/[\s\p{Cc}]+/u).filter((word) => word !== '');

/** The absolute tolerance of the cases, and the same relative for the small values that smoothing leaves. */
function expectClose(value: number, expected: number, what: string) {
  expect(Math.abs(value - expected), `${what}: ${value}, not ${expected}`).toBeLessThan(
    1e-6 * Math.min(1, Math.abs(expected)) + 1e-12,
  );
}

/** Tokens of both sides, [items] and [items][references], by the tokenizer or by a split of strings. */
function tokensOf(golden: CaptionCase, ids: string[], split: (text: string) => string[]) {
  if (!golden.tokenised_references) {
    return {
      said: ids.map((id) => split(first(golden.hypotheses[id]!))),
      meant: ids.map((id) => golden.references[id]!.map(split)),
    };
  }
  const flat = ptbTokenizeAll(ids.flatMap((id) => golden.references[id]!));
  return {
    said: ptbTokenizeAll(ids.map((id) => first(golden.hypotheses[id]!))),
    meant: ids.map((id) => flat.splice(0, golden.references[id]!.length)),
  };
}

it('finds golden captions', () => {
  expect(cases.length).toBeGreaterThanOrEqual(1);
});

describe.each(cases)('golden captions %s', (name) => {
  const golden = readJson<CaptionCase>(name, 'case.json');
  const ids = Object.keys(golden.references);
  const { said, meant } = tokensOf(golden, ids, words);
  const cider = ciderD(said, meant);
  const blue = bleu(said, meant);
  // The reference scorer of ROUGE-L alone splits at each blank.
  const apart = tokensOf(golden, ids, (text) => text.split(' '));
  const rouge = rougeL(apart.said, apart.meant);

  /** The score that a case names, of the whole set or of an item. */
  function score(metric: string, item?: number): number {
    if (metric === 'CIDEr_D') return item === undefined ? cider.mean : cider.items[item]!;
    if (metric === 'ROUGE_L') return item === undefined ? rouge.mean : rouge.items[item]!;
    const order = Number(/^Bleu_([1-4])$/.exec(metric)?.[1]) - 1;
    return (item === undefined ? blue.corpus : blue.items[item]!)[order]!;
  }

  it.each(Object.entries(golden.expected.corpus))('%s of the corpus', (metric, expected) => {
    expectClose(score(metric), expected, metric);
  });

  it('every score of each item', () => {
    for (const [item, id] of ids.entries()) {
      for (const [metric, expected] of Object.entries(golden.expected.per_image?.[id] ?? {})) {
        expectClose(score(metric, item), expected, `${metric} of ${id}`);
      }
    }
  });

  if (golden.tokenised_references) {
    it('tokens of every caption', () => {
      for (const [item, id] of ids.entries()) {
        expect(meant[item]!.map((tokens) => tokens.join(' '))).toEqual(golden.tokenised_references![id]);
        expect(said[item]!.join(' ')).toBe(first(golden.tokenised_hypotheses![id]!));
      }
    });
  }
});
