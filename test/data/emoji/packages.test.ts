import { describe, expect, it } from 'vitest';
import { packageVersion, readJson } from '../../../src/data/emoji/packages.js';

describe('the packages of the corpus', () => {
  it('are read', () => {
    expect(packageVersion('emojibase-data')).toBe('17.0.0');
  });

  it('are named where one is missing or a file is damaged', () => {
    expect(() => packageVersion('emojibase-none')).toThrow(
      expect.objectContaining({ name: 'Mm1Error', code: 'E_CORPUS', remedy: expect.stringContaining('npm ci') }),
    );
    expect(() => readJson('emojibase-data/README.md')).toThrow(
      expect.objectContaining({ code: 'E_CORPUS', where: expect.stringContaining('README.md') }),
    );
  });
});
