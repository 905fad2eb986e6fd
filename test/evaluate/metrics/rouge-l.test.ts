import { describe, expect, it } from 'vitest';
import { rougeL } from '../../../src/evaluate/metrics/rouge-l.js';

const words = (text: string) => (text === '' ? [] : text.split(' '));
const of = (candidate: string, ...references: string[]) => rougeL([words(candidate)], [references.map(words)]).mean;
const f = (precision: number, recall: number) => (2.44 * precision * recall) / (recall + 1.44 * precision);

describe('ROUGE-L', () => {
  it('joins precision and recall of the longest common subsequence, recall 1.44 times as heavy', () => {
    // a c d of a b c d, and of five words.
    expect(of('a b c d', 'a x c y d')).toBeCloseTo(f(3 / 4, 3 / 5), 12);
  });

  it('keeps the order of words, and words between may be left out on either side', () => {
    expect(of('c b a', 'a b c')).toBeCloseTo(f(1 / 3, 1 / 3), 12);
    expect(of('a x b', 'y a b')).toBeCloseTo(f(2 / 3, 2 / 3), 12);
    expect(of('a a', 'a')).toBeCloseTo(f(1 / 2, 1), 12);
  });

  it('takes the best precision and the best recall, though of two references', () => {
    expect(of('a b c', 'a b c d e f', 'c')).toBeCloseTo(f(1, 1), 12);
  });

  it('is the mean of the items', () => {
    const { mean, items } = rougeL([['a'], ['b']], [[['a']], [['c']]]);
    expect(items).toEqual([expect.closeTo(1, 12), 0]);
    expect(mean).toBeCloseTo(1 / 2, 12);
  });

  it('takes a caption without words for one empty word', () => {
    expect(of('', 'a b')).toBe(0);
    expect(of('a', '')).toBe(0);
    expect(of('', '')).toBe(1);
  });

  it('refuses what cannot be scored', () => {
    expect(() => rougeL([], [])).toThrow(/ROUGE-L of no items/);
    expect(() => rougeL([['a']], [[]])).toThrow(/item 0 has no reference/);
  });
});
