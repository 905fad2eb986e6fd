import { describe, expect, it } from 'vitest';
import { ciderD } from '../../../src/evaluate/metrics/cider-d.js';

const words = (text: string) => text.split(' ');

describe('CIDEr-D', () => {
  it('gives an item the highest score for its one reference, and none for a foreign caption', () => {
    const references = [[words('a red apple on a plate')], [words('two dogs run home fast')]];
    const [same, foreign] = ciderD([words('a red apple on a plate'), words('green')], references).items;
    expect(same).toBeCloseTo(10, 9);
    expect(foreign).toBe(0);
  });

  it('halves by hand: one word of two, which both carry the same weight', () => {
    // One of four lengths of n-gram has a match; cosine 1/2; one bigram on either side.
    const { items, mean } = ciderD([words('red apple'), words('dog')], [[words('red plate')], [words('cat')]]);
    expect(items).toEqual([expect.closeTo((10 * 0.5) / 4, 12), 0]);
    expect(mean).toBeCloseTo((10 * 0.5) / 8, 12);
  });

  it('gives nothing for repeating a word, and takes off for length in bigrams by a Gaussian of width 6', () => {
    const [repeated] = ciderD([words('dog dog dog'), []], [[['dog']], [['cat']]]).items;
    // Cosine min(3, 1) x 1 / (3 x 1), and two bigrams more than none.
    expect(repeated).toBeCloseTo((10 / 4) * (1 / 3) * Math.exp(-4 / 72), 12);
  });

  it('weighs a word by the items, not the references, that hold it', () => {
    const references = [[words('red'), words('red')], [words('red')], [words('dog')]];
    const [said] = ciderD([words('red dog'), [], []], references).items;
    const [red, dog] = [Math.log(3 / 2), Math.log(3)];
    expect(said).toBeCloseTo((10 / 4) * (red / Math.hypot(red, dog)) * Math.exp(-1 / 72), 12);
  });

  it('takes a word that no reference holds for one that a single item holds', () => {
    const [said] = ciderD([words('red owl'), []], [[['red']], [['cat']]]).items;
    expect(said).toBeCloseTo((10 / 4) * Math.SQRT1_2 * Math.exp(-1 / 72), 12);
  });

  it('counts a token with a no-break space as two words', () => {
    const references = [[['1\u00A01/2', 'cups']], [['cat']]];
    expect(ciderD([words('1 1/2 cups'), []], references).items[0]).toBeCloseTo(7.5, 9);
    expect(ciderD([['1\u00A01/2', 'cups'], []], [[words('1 1/2 cups')], [['cat']]]).items[0]).toBeCloseTo(7.5, 9);
  });

  it('tells where words end', () => {
    expect(ciderD([words('ab c'), []], [[words('a bc')], [['cat']]]).items[0]).toBe(0);
  });

  it('scores an empty caption 0, and all of a single item', () => {
    expect(ciderD([[], ['dog']], [[['cat']], [['dog']]]).items[0]).toBe(0);
    expect(ciderD([['dog']], [[['dog']]]).mean).toBe(0);
  });

  it('refuses what cannot be scored', () => {
    expect(() => ciderD([], [])).toThrow(/CIDEr-D of no items/);
    expect(() => ciderD([['a']], [])).toThrow(/1 captions against 0/);
    expect(() => ciderD([['a'], ['b']], [[['a']], []])).toThrow(/item 1 has no reference/);
  });
});
