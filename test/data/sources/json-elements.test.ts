import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { jsonElements } from '../../../src/data/sources/json-elements.js';
import { temporaryFolder, write } from './own-data.js';

const folder = temporaryFolder();

async function elements(text: string): Promise<[string | null, unknown][]> {
  write(folder, 'file.json', text);
  const all: [string | null, unknown][] = [];
  for await (const { member, bytes } of jsonElements(join(folder, 'file.json'))) {
    all.push([member, JSON.parse(bytes.toString())]);
  }
  return all;
}

describe('jsonElements', () => {
  it('is not led astray by brackets, commas and quotes in strings', async () => {
    const list = ['"', '\\', '\\"', ' ] , } ', '" ], "', { 'k]"': [1, [2, { a: [] }]] }, [], null, 1.5];
    expect(await elements(JSON.stringify(list))).toEqual(list.map((value) => [null, value]));
  });

  it('gives the members of an object, and the elements of those that are lists', async () => {
    const file = { 'a:"': 'x:y', b: [{ c: [1] }, [2], 'z'], empty: [], none: {}, last: 7 };
    expect(await elements(`\ufeff ${JSON.stringify(file, null, 2)}\n`)).toEqual([
      ['a:"', 'x:y'],
      ['b', { c: [1] }],
      ['b', [2]],
      ['b', 'z'],
      ['none', {}],
      ['last', 7],
    ]);
  });

  it('reads elements that reach over chunks', async () => {
    const list = Array.from({ length: 40 }, (_, i) => ({ i, text: `"ü]${'\\'.repeat(i)}`.repeat(5000) }));
    expect(await elements(JSON.stringify(list))).toEqual(list.map((value) => [null, value]));
  });

  it('gives nothing of an empty list', async () => {
    expect(await elements('[ ]')).toEqual([]);
  });
});
