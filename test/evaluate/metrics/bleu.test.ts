import { describe, expect, it } from 'vitest';
import { bleu } from '../../../src/evaluate/metrics/bleu.js';

const words = (text: string) => (text === '' ? [] : text.split(' '));
/** Scores of one caption: [4] */
const of = (candidate: string, ...references: string[]) => bleu([words(candidate)], [references.map(words)]).items[0]!;

describe('BLEU', () => {
  it('is the geometric mean of clipped precisions', () => {
    const [one, two, three] = of('a a b c', 'a b c d');
    expect(one).toBeCloseTo(3 / 4, 8);
    expect(two).toBeCloseTo(Math.sqrt((3 / 4) * (2 / 3)), 8);
    expect(three).toBeCloseTo(Math.cbrt((3 / 4) * (2 / 3) * (1 / 2)), 8);
  });

  it('clips by the one reference that holds a word most often', () => {
    expect(of('a a a', 'a b c', 'a a c')[0]).toBeCloseTo(2 / 3, 8);
  });

  it('punishes a caption shorter than the reference nearest in length, and no longer one', () => {
    expect(of('a b c d', 'a b c d e', 'a b c d e f')[0]).toBeCloseTo(Math.exp(1 - 5 / 4), 8);
    expect(of('a b c d e', 'a b c d')[0]).toBeCloseTo(4 / 5, 8);
  });

  it('takes the shorter of two references that are equally near', () => {
    expect(of('a b c d', 'a b c d e', 'a b c')[0]).toBeCloseTo(1, 8);
    expect(of('a b c d', 'a b c', 'a b c d e')[0]).toBeCloseTo(1, 8);
  });

  it('sums matches and lengths over a corpus before it divides', () => {
    const { corpus, items } = bleu([words('a b c d'), words('x')], [[words('a b c d')], [words('y z')]]);
    expect(items.map(([one]) => one)).toEqual([expect.closeTo(1, 8), expect.closeTo(0, 8)]);
    expect(corpus[0]).toBeCloseTo((4 / 5) * Math.exp(1 - 6 / 5), 8);
    expect(corpus[3]).toBeCloseTo((4 / 5) ** 0.25 * Math.exp(1 - 6 / 5), 8);
  });

  it('leaves a trace of 1e-15 for a missing match and of 1e-9 for an n-gram there is no room for', () => {
    const [one, two] = of('a', 'b');
    expect(one! / 1e-15).toBeCloseTo(1, 6);
    // 1e-15 / 1e-9 bigrams.
    expect(two! / Math.sqrt(1e-15 * 1e-6)).toBeCloseTo(1, 6);
  });

  it('scores an empty caption 0', () => {
    expect(of('', 'a b')).toEqual([0, 0, 0, 0]);
    expect(of('', '')).toEqual([0, 0, 0, 0]);
  });

  it('counts a token with a no-break space as two words', () => {
    expect(bleu([['1\u00A01/2', 'cups']], [[words('1 1/2 cups')]]).items[0]![2]).toBeCloseTo(1, 8);
    expect(bleu([words('1 1/2 cups')], [[['1\u00A01/2', 'cups']]]).items[0]![2]).toBeCloseTo(1, 8);
  });

  it('refuses what cannot be scored', () => {
    expect(() => bleu([], [])).toThrow(/BLEU of no items/);
    expect(() => bleu([['a']], [[]])).toThrow(/item 0 has no reference/);
  });
});
