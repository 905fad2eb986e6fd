import { describe, expect, it } from 'vitest';
import { Account, describeTally } from '../../../src/data/sources/account.js';

/** An account of so many documents, the first of which were left out. */
function walked(seen: number, leftOut: number): Account {
  const account = new Account('a source');
  for (let i = 0; i < seen; i++) {
    account.see();
    if (i < leftOut) account.leaveOut(i % 3 === 0 ? 'empty caption' : 'broken image');
  }
  return account;
}

describe('Account', () => {
  it('lets 1% pass, and stops with the counts where it is more', () => {
    const account = walked(300, 2);
    account.leaveOut('broken image');
    expect(account.tally()).toEqual({ seen: 300, skipped: { 'empty caption': 1, 'broken image': 2 } });
    expect(() => account.leaveOut('no image')).toThrowError(
      expect.objectContaining({
        code: 'E_DATA',
        where: 'a source',
        message:
          'More than 1% of the data cannot be used: 4 of 300 left out: 2 broken image, 1 empty caption, 1 no image',
      }),
    );
  });

  it('judges from the 200th document on, or at the end', () => {
    const account = walked(199, 199);
    expect(() => account.see()).toThrowError(expect.objectContaining({ code: 'E_DATA' }));
    expect(() => walked(199, 2).end()).toThrowError(expect.objectContaining({ code: 'E_DATA' }));
    walked(199, 1).end();
    walked(0, 0).end();
  });

  it('judges a fault that is found after the end of a short walk', () => {
    const account = walked(150, 1);
    account.end();
    expect(() => account.leaveOut('broken image')).toThrowError(expect.objectContaining({ code: 'E_DATA' }));
  });

  it('says that nothing was left out', () => {
    expect(describeTally({ seen: 12_000, skipped: {} })).toBe('0 of 12,000 left out');
  });
});
