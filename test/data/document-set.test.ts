import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { DocumentSet, DocumentWriter, type StoredDocument } from '../../src/data/document-set.js';
import { documentFolder } from './document-folder.js';

const CAPTION: StoredDocument = {
  kind: 'caption',
  id: 'a',
  image: 'a.png',
  alt: ['été 🍎'],
  rewritten: [],
  parts: [{ box: [0, 0.25, 0.5, 0.5], phrase: 'red apple' }],
};
const REWRITTEN: StoredDocument = { kind: 'caption', id: 'b', image: 'b.png', alt: [], rewritten: ['a b'] };
const TEXT: StoredDocument = { kind: 'text', id: 'c', text: 'line\nline' };

it('gives back every document as it was, whatever its letters, and knows what comes from which source', () => {
  const set = new DocumentSet(documentFolder({ one: [CAPTION, REWRITTEN], none: [], two: [TEXT] }));
  expect([0, 1, 2].map((i) => set.read(i))).toEqual([CAPTION, REWRITTEN, TEXT]);
  expect(set.sources).toEqual([
    { name: 'one', first: 0, documents: 2 },
    { name: 'none', first: 2, documents: 0 },
    { name: 'two', first: 2, documents: 1 },
  ]);
  expect([set.count, set.alt, set.rewritten]).toEqual([3, [0], [1]]);
  expect(() => set.read(3)).toThrow('the set has 3 documents, and no 3');
  set.close();
});

it('a set whose writing was interrupted does not open', () => {
  const folder = documentFolder({});
  rmSync(join(folder, 'documents.json'));
  const writer = new DocumentWriter(folder);
  writer.source('one');
  writer.append(TEXT);
  writer.abandon();
  expect(() => new DocumentSet(folder)).toThrow('A corpus has no readable index of its documents');
  writeFileSync(join(folder, 'documents.json'), '{"version":2}');
  expect(() => new DocumentSet(folder)).toThrow('no readable index');
});

it('100,000 documents open in under 2 s', () => {
  const many = Array.from(
    { length: 100_000 },
    (_, i): StoredDocument => ({ kind: 'text', id: `${i}`, text: `text ${i}` }),
  );
  const folder = documentFolder({ many });
  const started = performance.now();
  const set = new DocumentSet(folder);
  expect(set.read(99_999)).toEqual(many[99_999]);
  expect(performance.now() - started).toBeLessThan(2000);
  set.close();
});
