import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { type CorpusOptions, type CorpusSource, writeCorpus } from '../../src/data/corpus-folder.js';
import { DocumentSet, type StoredDocument } from '../../src/data/document-set.js';
import { CONCURRENCY, openImageSet } from '../../src/data/image-set.js';
import { resizeBicubic } from '../../src/data/resample.js';
import { openSource } from '../../src/data/sources/index.js';
import type { Source, SourceDocument, SourceImage } from '../../src/data/sources/source.js';
import { Mm1Error } from '../../src/errors.js';
import { cutPicture, picture, tar, temporaryFolder, write } from './sources/own-data.js';

const SIDE = 28;
const own = temporaryFolder();
const numbers = (count: number) => Array.from({ length: count }, (_, i) => i);
const folder = () => mkdtempSync(join(tmpdir(), 'mm1-corpus-'));

/** A picture of one grey; one that cannot be drawn has none. */
const image = (id: string, grey: number | null = 7): SourceImage => ({
  id,
  async pixels(side) {
    if (grey === null) throw new Mm1Error('it is broken', { code: 'E_IMAGE', where: id, remedy: 'none' });
    return new Uint8Array(side * side * 3).fill(grey);
  },
});
const caption = (id: string, shown = image(id)): SourceDocument => ({
  kind: 'caption',
  id,
  image: shown,
  alt: [`this is ${id}`],
  rewritten: [],
});
const text = (id: string): SourceDocument => ({ kind: 'text', id, text: `words of ${id}` });

/** A source that gives some documents, through a buffer of one: in their own order. */
function source(
  name: string,
  documents: readonly SourceDocument[],
  settings: Partial<CorpusSource> = {},
): CorpusSource {
  const given: Source = {
    name: `what ${name} calls itself`,
    licence: 'none',
    async *documents() {
      yield* documents;
    },
    tally: () => ({ seen: documents.length, skipped: {} }),
  };
  return { name, source: given, buffer: 1, strict: false, ...settings };
}

/** Writes a corpus, and reads all of it. */
async function corpus(sources: readonly CorpusSource[], options: Partial<CorpusOptions> = {}) {
  const at = folder();
  const told: [source: number, documents: number][] = [];
  const written = await writeCorpus(
    at,
    sources,
    { documents: 1000, resolution: SIDE, ...options },
    async (...progress) => {
      told.push(progress);
    },
  );
  const set = new DocumentSet(at);
  const documents = numbers(set.count).map((i) => set.read(i));
  const { sources: parts } = set;
  set.close();
  return { at, ...written, told, documents, parts };
}

const ids = (documents: readonly StoredDocument[]) => documents.map(({ id }) => id);

/** A WebDataset of many good samples, and some whose pictures are cut short. */
async function shard(name: string, good: number, broken: number): Promise<CorpusSource> {
  const [whole, cut] = [await picture('#336699', 'jpeg'), await cutPicture()];
  const entries = numbers(good + broken).flatMap((i): [string, Buffer | string][] => [
    [`${i}.jpg`, i < broken ? cut : whole],
    [`${i}.txt`, `picture ${i}`],
  ]);
  write(own, name, await tar(entries));
  const opened = await openSource({ webdataset: { shards: name } }, own);
  return { name, source: opened, buffer: 30, strict: true };
}

it('holds the documents of its sources, one source after another, with their pictures beside them', async () => {
  const shown: SourceDocument = {
    kind: 'interleaved',
    id: 'page',
    pieces: [{ image: image('p1', 1) }, { text: 'first\n' }, { image: image('p2', 2) }, { text: 'second\n' }],
  };
  const parts = [{ box: [0, 0, 0.5, 0.5] as const, phrase: 'a corner' }];
  const named: SourceDocument = {
    kind: 'caption',
    id: 'named',
    image: image('n', 3),
    alt: [],
    rewritten: ['all of it'],
    parts,
  };
  const {
    documents,
    parts: of,
    at,
    taken,
    pictures,
    bytes,
    told,
  } = await corpus([source('one', [caption('a', image('a.png', 9)), named]), source('two', [shown])]);
  expect(documents).toEqual([
    { kind: 'caption', id: 'a', image: 'a.png', alt: ['this is a'], rewritten: [] },
    { kind: 'caption', id: 'named', image: 'n', alt: [], rewritten: ['all of it'], parts },
    {
      kind: 'interleaved',
      id: 'page',
      pieces: [{ image: 'p1' }, { text: 'first\n' }, { image: 'p2' }, { text: 'second\n' }],
    },
  ]);
  expect(of).toEqual([
    { name: 'one', first: 0, documents: 2 },
    { name: 'two', first: 2, documents: 1 },
  ]);
  expect(taken).toEqual([
    { source: 'one', documents: 2, exhausted: true, tally: { seen: 2, skipped: {} } },
    { source: 'two', documents: 1, exhausted: true, tally: { seen: 1, skipped: {} } },
  ]);
  expect(told).toEqual([
    [0, 1],
    [0, 2],
    [1, 1],
  ]);
  const set = await openImageSet(at);
  expect([set.resolution, set.ids, pictures]).toEqual([SIDE, ['a.png', 'n', 'p1', 'p2'], 4]);
  for (const [id, grey] of [
    ['a.png', 9],
    ['p2', 2],
  ] as const) {
    expect(await set.pixels(set.indexOf(id))).toEqual(Buffer.alloc(SIDE * SIDE * 3, grey));
  }
  await set.close();
  expect(bytes).toBe(readFileSync(join(at, 'images.bin')).length + readFileSync(join(at, 'index.json')).length);
});

it('text alone has no pictures and no image set', async () => {
  const { documents, at, pictures } = await corpus([source('one', [text('a'), text('b')])], { resolution: null });
  expect(documents).toEqual([
    { kind: 'text', id: 'a', text: 'words of a' },
    { kind: 'text', id: 'b', text: 'words of b' },
  ]);
  expect(pictures).toBe(0);
  await expect(openImageSet(at)).rejects.toMatchObject({ code: 'E_IMAGE' });
});

it('takes no more documents of a source than are asked for, and draws no picture of others', async () => {
  const many = (name: string, count: number) =>
    source(
      name,
      numbers(count).map((i) => caption(`${name} ${i}`)),
    );
  const { taken, documents, pictures } = await corpus([many('large', 50), many('small', 3), many('exact', 5)], {
    documents: 5,
  });
  expect(taken.map(({ documents: count, exhausted }) => [count, exhausted])).toEqual([
    [5, false],
    [3, true],
    [5, false],
  ]);
  expect([documents.length, pictures]).toEqual([13, 13]);
});

it('a source is read no further than its documents are asked for, and is closed', async () => {
  let read = 0;
  let closed = false;
  const endless: Source = {
    name: 'endless',
    licence: 'none',
    async *documents() {
      try {
        for (;;) yield text(`${read++}`);
      } finally {
        closed = true;
      }
    },
    tally: () => ({ seen: read, skipped: {} }),
  };
  const sources = [{ name: 'endless', source: endless, buffer: 10, strict: true }];
  const { documents } = await corpus(sources, { documents: 50, resolution: null });
  expect(documents.length).toBe(50);
  await vi.waitFor(() => expect(closed).toBe(true));
  // The buffer, and what is drawn at once.
  expect(read).toBeLessThanOrEqual(50 + 10 + 3 * CONCURRENCY);
});

it('shuffles each source through its buffer, the same way every time', async () => {
  const many = numbers(40).map((i) => text(`${i}`));
  const order = async (buffer: number) =>
    ids((await corpus([source('one', many, { buffer })], { resolution: null, documents: 30 })).documents);
  const [first, again, other] = [await order(20), await order(20), await order(10)];
  expect(again).toEqual(first);
  expect(first).not.toEqual(ids(many.slice(0, 30) as StoredDocument[]));
  expect(other).not.toEqual(first);
  expect(new Set(first).size).toBe(30);
  // A buffer of twenty is full when the first is drawn: the n-th comes from the first n + 20.
  first.forEach((id, n) => {
    expect(Number(id)).toBeLessThanOrEqual(n + 20);
  });
  expect(first.some((id) => Number(id) >= 30)).toBe(true);
});

it('the same sources give the same bytes', async () => {
  const write = () =>
    corpus([
      source(
        'one',
        numbers(20).map((i) => caption(`${i}`)),
        { buffer: 8 },
      ),
    ]);
  const [first, again] = [await write(), await write()];
  for (const file of ['documents.jsonl', 'documents.json', 'images.bin', 'index.json']) {
    expect(readFileSync(join(again.at, file)).equals(readFileSync(join(first.at, file))), file).toBe(true);
  }
});

it('questions about one picture that stand together are one document, whose first answers are kept', async () => {
  const ask = (shown: string, number: number): SourceDocument => ({
    kind: 'question',
    id: `${shown} ${number}`,
    image: image(shown),
    question: `question ${number}?`,
    answers: [`answer ${number}`, 'another'],
  });
  const asked = [ask('a', 1), ask('a', 2), ask('b', 3), ask('c', 4), ask('c', 5), ask('c', 6), ask('a', 7)];
  const { documents, pictures, taken } = await corpus([source('one', asked)]);
  const line = (number: number) => ({ question: `question ${number}?`, answer: `answer ${number}` });
  expect(documents).toEqual([
    { kind: 'question', id: 'a 1', image: 'a', questions: [line(1), line(2)] },
    { kind: 'question', id: 'b 3', image: 'b', questions: [line(3)] },
    { kind: 'question', id: 'c 4', image: 'c', questions: [line(4), line(5), line(6)] },
    { kind: 'question', id: 'a 7', image: 'a', questions: [line(7)] },
  ]);
  expect([pictures, taken[0]!.documents]).toEqual([3, 4]);
});

it('captions of one picture stay documents of their own, and the picture is stored once', async () => {
  const { documents, pictures, at } = await corpus([
    source('one', [caption('a', image('same')), caption('b', image('same')), caption('c', image('other'))]),
    source('two', [caption('d', image('same'))]),
  ]);
  expect([ids(documents), pictures]).toEqual([['a', 'b', 'c', 'd'], 2]);
  const set = await openImageSet(at);
  expect(set.ids).toEqual(['same', 'other']);
  await set.close();
});

it('a page that shows one picture twice has it drawn once', async () => {
  let drawn = 0;
  const counted: SourceImage = {
    id: 'same',
    async pixels(side) {
      drawn++;
      return image('same').pixels(side);
    },
  };
  const page: SourceDocument = {
    kind: 'interleaved',
    id: 'page',
    pieces: [{ image: counted }, { text: 'one' }, { image: counted }, { text: 'two' }],
  };
  const { pictures } = await corpus([source('one', [page])]);
  expect([drawn, pictures]).toEqual([1, 1]);
});

it('a document with a picture that cannot be drawn is left out whole, and counted', async () => {
  const page: SourceDocument = {
    kind: 'interleaved',
    id: 'page',
    pieces: [{ image: image('whole') }, { text: 'one' }, { image: image('broken', null) }, { text: 'two' }],
  };
  const { documents, taken, pictures, told } = await corpus([
    source('one', [caption('a'), caption('b', image('b', null)), page, caption('c')]),
  ]);
  expect([ids(documents), pictures, told.length]).toEqual([['a', 'c'], 2, 2]);
  expect(taken[0]).toEqual({
    source: 'one',
    documents: 2,
    exhausted: true,
    tally: { seen: 4, skipped: { 'broken image': 2 } },
  });
});

it('a fault that is none of a picture ends the writing, and leaves a folder that does not open', async () => {
  const at = folder();
  const bug: SourceImage = {
    id: 'bug',
    pixels: async () => {
      throw new Error('a bug');
    },
  };
  const sources = [source('one', [caption('a'), caption('b', bug)])];
  await expect(writeCorpus(at, sources, { documents: 9, resolution: SIDE }, async () => {})).rejects.toThrow('a bug');
  expect(() => new DocumentSet(at)).toThrow('no readable index');
  await expect(openImageSet(at)).rejects.toMatchObject({ code: 'E_IMAGE' });
});

it('whoever is told of a document may end the writing, as Ctrl-C does; the folder does not open', async () => {
  const at = folder();
  const sources = [
    source(
      'one',
      numbers(9).map((i) => caption(`${i}`)),
    ),
  ];
  const writing = writeCorpus(at, sources, { documents: 9, resolution: SIDE }, async (_, documents) => {
    if (documents === 3) throw new Error('stop');
  });
  await expect(writing).rejects.toThrow('stop');
  expect(() => new DocumentSet(at)).toThrow('no readable index');
  await expect(openImageSet(at)).rejects.toMatchObject({ code: 'E_IMAGE' });
});

it('a source without documents is E_DATA by its name', async () => {
  const nothing = source('nothing', [caption('b', image('b', null))]);
  await expect(corpus([source('one', [caption('a')]), nothing])).rejects.toMatchObject({
    code: 'E_DATA',
    where: 'nothing',
    message: 'A source of training data has no document',
  });
});

it("a JPEG that is cut short in somebody's shard drops its sample, and is counted once", async () => {
  const shown = await shard('one.tar', 100, 1);
  const { documents, taken, pictures } = await corpus([shown]);
  expect([documents.length, pictures]).toEqual([100, 100]);
  expect(ids(documents)).not.toContain('one.tar/0');
  expect(taken[0]).toMatchObject({ exhausted: true, tally: { seen: 101, skipped: { 'broken image': 1 } } });
});

it("more than 1% of them in somebody's own data is E_DATA and names the reason", async () => {
  const shown = await shard('two.tar', 100, 2);
  const at = folder();
  const writing = writeCorpus(at, [shown], { documents: 1000, resolution: SIDE }, async () => {});
  await expect(writing).rejects.toMatchObject({
    code: 'E_DATA',
    where: 'webdataset two.tar',
    message: expect.stringMatching(/^More than 1% of the data cannot be used: 2 of 102 left out: 2 broken image$/),
  });
  expect(() => new DocumentSet(at)).toThrow('no readable index');
});

it('more than 1% that a source did not count itself stops a strict one, and no other', async () => {
  const documents = numbers(100).map((i) => caption(`${i}`, image(`${i}`, i < 2 ? null : 3)));
  await expect(corpus([source('own', documents, { strict: true })])).rejects.toMatchObject({
    code: 'E_DATA',
    where: 'own',
    message: expect.stringContaining('2 of 100 left out: 2 broken image'),
  });
  const { taken } = await corpus([source('built in', documents)]);
  expect(taken[0]).toMatchObject({ documents: 98, tally: { skipped: { 'broken image': 2 } } });
});

it('with a detail, pictures are reduced to it and enlarged again', async () => {
  const noise = (side: number) => Uint8Array.from({ length: side * side * 3 }, (_, i) => (i * 7919) % 251);
  const shown: SourceImage = { id: 'noise', pixels: async (side) => noise(side) };
  const { at } = await corpus([source('one', [caption('a', shown)])], { resolution: 42, detail: SIDE });
  const set = await openImageSet(at);
  expect(Buffer.compare(await set.pixels(0), resizeBicubic(noise(SIDE), SIDE, SIDE, 42, 42))).toBe(0);
  await set.close();
});
