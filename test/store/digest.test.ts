import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { digestOfFiles } from '../../src/store/digest.js';

const root = mkdtempSync(join(tmpdir(), 'mm1-digest-'));
afterAll(() => rmSync(root, { recursive: true }));

/** Files with their content in a new folder. */
function files(contents: Readonly<Record<string, string | Buffer>>): string[] {
  const folder = mkdtempSync(join(root, 'files-'));
  return Object.entries(contents).map(([name, content]) => {
    writeFileSync(join(folder, name), content);
    return join(folder, name);
  });
}

it('is that of sha256sum over the names and digests of the files', () => {
  // (cd folder && sha256sum a b | sed 's/  / /' | sha256sum)
  const expected = '9bdf1fbe9d780d875b5b8440fcdf249d232dc019bd357a639b6bd0adb396846c';
  expect(digestOfFiles(files({ a: 'one', b: 'two' }))).toBe(expected);
  expect(digestOfFiles(files({ b: 'two', a: 'one' }))).toBe(expected);
});

it('differs with a name, with a content, and with who has which', () => {
  const digests = [
    files({ a: 'one', b: 'two' }),
    files({ a: 'one', c: 'two' }),
    files({ a: 'one', b: 'two ' }),
    files({ a: 'two', b: 'one' }),
    files({ a: 'one' }),
  ].map(digestOfFiles);
  expect(new Set(digests).size).toBe(digests.length);
});

it('does not know the folder', () => {
  const [file] = files({ a: 'one' }) as [string];
  const before = digestOfFiles([file]);
  mkdirSync(join(root, 'elsewhere'));
  renameSync(file, join(root, 'elsewhere', 'a'));
  expect(digestOfFiles([join(root, 'elsewhere', 'a')])).toBe(before);
});

it('reads a file of several pieces whole', () => {
  const large = Buffer.alloc((1 << 23) + 5, 7);
  const before = digestOfFiles(files({ large }));
  for (const at of [0, 1 << 22, large.length - 1]) {
    const other = Buffer.from(large);
    other[at] = 8;
    expect(digestOfFiles(files({ large: other }))).not.toBe(before);
  }
  expect(digestOfFiles(files({ large: large.subarray(0, -1) }))).not.toBe(before);
});
