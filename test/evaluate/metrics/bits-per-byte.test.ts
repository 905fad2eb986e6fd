import { expect, it } from 'vitest';
import { bitsPerByte } from '../../../src/evaluate/metrics/bits-per-byte.js';

it('needs eight bits for a byte when all bytes are equally likely', () => {
  expect(bitsPerByte(5 * Math.log(256), 5)).toBeCloseTo(8, 12);
  expect(bitsPerByte(0, 5)).toBe(0);
});

it('refuses a text of no bytes', () => {
  expect(() => bitsPerByte(1, 0)).toThrow(/0 bytes/);
  expect(() => bitsPerByte(1, Number.NaN)).toThrow(/NaN bytes/);
});
