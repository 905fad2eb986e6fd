import { describe, expect, it } from 'vitest';
import { exactMatch } from '../../../src/evaluate/metrics/exact-match.js';

describe('exact match', () => {
  it.each([
    ['The Eiffel Tower.', 'eiffel tower'],
    ['  an   apple\tpie\n', 'apple pie'],
    ["don't", 'dont'],
    ['well-known (red)', 'wellknown red'],
    ['a', 'the'],
    ['!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~', ''],
    // A mark leaves before articles do.
    ['a.', ''],
    ['ÉTÉ', 'été'],
  ])('%j is %j', (answer, reference) => {
    expect(exactMatch(answer, [reference])).toBe(1);
    expect(exactMatch(reference, [answer])).toBe(1);
  });

  it.each([
    ['apple', 'apples'],
    ['banana', 'bnn'],
    ['another', 'nother'],
    ['thé', 'é'],
    ['a1', '1'],
    ['éa', 'é'],
    ['1a', '1'],
    // Articles leave after marks do.
    ['a-frame', 'frame'],
    ['“red”', 'red'],
    ['redapple', 'red apple'],
    ['two', '2'],
  ])('%j is not %j', (answer, reference) => {
    expect(exactMatch(answer, [reference])).toBe(0);
  });

  it('takes any of several references', () => {
    expect(exactMatch('dog', ['cat', 'dog'])).toBe(1);
    expect(exactMatch('dog', ['cat', 'cow'])).toBe(0);
  });

  it('refuses no reference', () => {
    expect(() => exactMatch('dog', [])).toThrow(/no reference/);
  });
});
