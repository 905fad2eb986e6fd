import { describe, expect, it } from 'vitest';
import { choiceAccuracy } from '../../../src/evaluate/metrics/choice-accuracy.js';

describe('choice accuracy', () => {
  it('takes the likeliest, as it is and for each byte', () => {
    const choices = ['no', 'certainly'];
    expect(choiceAccuracy([-4, -9], choices, 0)).toEqual({ raw: 1, perByte: 0 });
    expect(choiceAccuracy([-4, -9], choices, 1)).toEqual({ raw: 0, perByte: 1 });
  });

  it('counts bytes, not letters', () => {
    // Three letters each, and nine bytes of the second.
    expect(choiceAccuracy([-3, -6], ['abc', '日本語'], 1)).toEqual({ raw: 0, perByte: 1 });
  });

  it('takes the first of equals', () => {
    expect(choiceAccuracy([-1, -1], ['a', 'b'], 0)).toEqual({ raw: 1, perByte: 1 });
    expect(choiceAccuracy([-1, -1], ['a', 'b'], 1)).toEqual({ raw: 0, perByte: 0 });
    expect(choiceAccuracy([-Infinity, -Infinity], ['a', 'b'], 0)).toEqual({ raw: 1, perByte: 1 });
  });

  it('refuses what has no answer', () => {
    expect(() => choiceAccuracy([-1], ['a', 'b'], 0)).toThrow(/1 log-likelihoods of 2 choices/);
    expect(() => choiceAccuracy([-1, -2], ['a', 'b'], 2)).toThrow(/no choice 2 among 2/);
    expect(() => choiceAccuracy([-1, 0], ['a', ''], 0)).toThrow(/without text/);
    expect(() => choiceAccuracy([-1, Number.NaN], ['a', 'b'], 0)).toThrow(/not a number/);
  });
});
