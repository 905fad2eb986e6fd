import { existsSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { DataKind, DataSource } from '../../../src/config/recipe.js';
import { DocumentSet, type StoredDocument } from '../../../src/data/document-set.js';
import { loadEmojiCorpus, splitOf } from '../../../src/data/emoji/corpus.js';
import { openImageSet } from '../../../src/data/image-set.js';
import { renderImage } from '../../../src/data/render.js';
import { resizeBicubic } from '../../../src/data/resample.js';
import { sourceReader } from '../../../src/plan/sources.js';
import type { StageSpecs } from '../../../src/plan/stage.js';
import { STAGE_RUNNERS } from '../../../src/run/stages/index.js';
import type { Progress, StageContext } from '../../../src/run/stages/stage-kind.js';
import { Stopwatch } from '../../../src/run/stages/stopwatch.js';
import { cutPicture, picture, tar } from '../../data/sources/own-data.js';

const CONCEPTS = 20;
const SIDE = 56;
const emoji = loadEmojiCorpus({ concepts: CONCEPTS });
const drawings = new Map(emoji.images.map((image) => [image.id, image]));
const folder = () => mkdtempSync(join(tmpdir(), 'mm1-corpus-stage-'));

type Changes = Partial<StageSpecs['corpus']> & { readonly grid?: string; readonly runs?: string };

/** Runs the stage on sources of a kind, and reads what it left. */
async function corpus(
  kind: DataKind,
  sources: readonly (string | Omit<DataSource, 'weight'>)[],
  { grid = '', runs = '', ...changes }: Changes = {},
) {
  const at = folder();
  const told: Progress[] = [];
  const notes: string[] = [];
  const context: StageContext = {
    stopwatch: new Stopwatch(),
    folder: at,
    checkpoints: '',
    published: () => '',
    parent(role) {
      throw new Error(`a corpus has no parent ${role}`);
    },
    places: { grid, runs },
    progress: async (progress) => void told.push(progress),
    note: (text) => void notes.push(text),
    metric: () => {},
  };
  const spec = {
    kind,
    sources: sources.map((source) => (typeof source === 'string' ? { source } : source)),
    documents: 1000,
    concepts: CONCEPTS,
    resolution: kind === 'text' ? null : SIDE,
    ...changes,
  };
  const summary = await STAGE_RUNNERS.corpus(spec, context);
  const set = new DocumentSet(at);
  const documents = Array.from({ length: set.count }, (_, i) => set.read(i));
  set.close();
  const images = kind === 'text' ? null : await openImageSet(at);
  const ids = images?.ids ?? [];
  await images?.close();
  return { at, summary, documents, ids, told, notes };
}

const shown = (document: StoredDocument): string[] => {
  if (document.kind === 'text') return [];
  if (document.kind !== 'interleaved') return [document.image];
  return document.pieces.flatMap((piece) => ('image' in piece ? [piece.image] : []));
};

it.each([
  ['caption', 'emoji'],
  ['question', 'emoji-questions'],
  ['interleaved', 'emoji-quizzes'],
] as const)('%s documents of %s show training pictures, and each of them is there once', async (kind, source) => {
  const { documents, ids, summary, at } = await corpus(kind, [source]);
  expect(documents.length).toBeGreaterThan(CONCEPTS);
  expect(new Set(documents.map((document) => document.kind))).toEqual(new Set([kind]));
  expect(new Set(documents.flatMap(shown))).toEqual(new Set(ids));
  expect(new Set(ids).size).toBe(ids.length);
  for (const id of ids) expect(splitOf(drawings.get(id)!, emoji), id).toBe('train');
  expect(summary).toMatchObject({ documents: documents.length, pictures: ids.length });
  const set = await openImageSet(at);
  expect(set.resolution).toBe(SIDE);
  expect(Buffer.compare(await set.pixels(3), await renderImage(drawings.get(ids[3]!)!, SIDE))).toBe(0);
  await set.close();
});

it('every training picture is in the caption corpus, with the words of its own concept', async () => {
  const { documents, ids, summary } = await corpus('caption', ['emoji']);
  const training = emoji.images.filter((image) => splitOf(image, emoji) === 'train');
  expect([...ids].sort()).toEqual(training.map(({ id }) => id).sort());
  for (const document of documents) {
    if (document.kind !== 'caption') throw new Error('no caption');
    expect(document.alt[0]).toBe(`A drawing of ${drawings.get(document.image)!.concept.label}`);
  }
  expect(summary.emoji).toEqual([`${training.length} documents, all there are`, expect.any(String)]);
});

it('questions about one picture are one document', async () => {
  const { documents, ids } = await corpus('question', ['emoji-questions']);
  expect(documents.length).toBe(ids.length);
  const counts = documents.map((document) => (document.kind === 'question' ? document.questions.length : 0));
  expect(Math.min(...counts)).toBeGreaterThan(1);
});

it('text has no pictures', async () => {
  const { documents, summary, at } = await corpus('text', ['emoji-texts'], { documents: 30 });
  expect(summary).toMatchObject({ documents: 30, pictures: 0, 'emoji-texts': ['30 documents', expect.any(String)] });
  expect(new Set(documents.map(({ kind }) => kind))).toEqual(new Set(['text']));
  expect(existsSync(join(at, 'images.bin'))).toBe(false);
});

it('takes documents of the sources in order, and says how far it is', async () => {
  const { documents, told } = await corpus('caption', ['emoji-noto', 'emoji-twemoji'], { documents: 5 });
  expect(documents.map((document) => shown(document)[0]!.split('/')[0])).toEqual([
    ...new Array(5).fill('noto'),
    ...new Array(5).fill('twemoji'),
  ]);
  expect(told).toEqual(Array.from({ length: 10 }, (_, i) => ({ done: i + 1, total: 10 })));
});

it('a source that has fewer documents than are asked for makes the rest of the way shorter', async () => {
  const { told, documents } = await corpus('caption', ['emoji-noto', 'emoji-twemoji'], { documents: 50 });
  expect(documents.length).toBeLessThan(50);
  expect(told[0]).toEqual({ done: 1, total: 100 });
  expect(told.at(-1)!.done).toBe(documents.length);
  const first = documents.filter((document) => shown(document)[0]!.startsWith('noto/')).length;
  expect(told.at(-1)!.total).toBe(first + 50);
});

it('takes other documents than the first ones, the same every time', async () => {
  const ids = async () => (await corpus('caption', ['emoji-noto'], { documents: 8 })).documents.map(({ id }) => id);
  const taken = await ids();
  expect(await ids()).toEqual(taken);
  const all = emoji.images.filter((image) => image.vendor === 'noto' && splitOf(image, emoji) === 'train');
  expect(taken).not.toEqual(all.slice(0, 8).map(({ id }) => `emoji/${id}`));
});

it('with a detail, pictures show no more than they would at that side', async () => {
  const { at, ids } = await corpus('caption', ['emoji-noto'], { documents: 2, detail: 28 });
  const set = await openImageSet(at);
  const small = await renderImage(drawings.get(ids[0]!)!, 28);
  expect(Buffer.compare(await set.pixels(0), resizeBicubic(small, 28, 28, SIDE, SIDE))).toBe(0);
  await set.close();
});

describe("somebody's own files", () => {
  /** A grid's folder with files in it. */
  function gridFolder(files: Readonly<Record<string, string | Buffer>>): string {
    const grid = folder();
    mkdirSync(join(grid, 'data'));
    for (const [name, content] of Object.entries(files)) writeFileSync(join(grid, 'data', name), content);
    return grid;
  }
  const found = (kind: DataKind, entry: Readonly<Record<string, unknown>>, grid: string) =>
    sourceReader('')([kind], entry, grid).source;

  it("are looked for from the grid's folder; what is left out is told by its reason", async () => {
    const [whole, cut] = [await picture('#336699', 'jpeg'), await cutPicture()];
    const samples = Array.from({ length: 150 }, (_, i): [string, Buffer | string][] => [
      [`${i}.jpg`, i === 7 ? cut : whole],
      [`${i}.txt`, `picture ${i}`],
    ]);
    const grid = gridFolder({ 'a.tar': await tar(samples.flat()) });
    const source = found('caption', { webdataset: 'data/a.tar' }, grid);
    const { documents, notes, summary } = await corpus('caption', [source], { grid });
    expect(documents.length).toBe(149);
    expect(documents.map(({ id }) => id)).not.toContain('data/a.tar/7');
    const left = '1 of 150 left out: 1 broken image';
    expect(notes).toEqual([`${source.source}: ${left}`]);
    expect(summary[source.source]).toEqual(['149 documents, all there are', left]);
  });

  it('that have changed since they were looked at are E_DATA', async () => {
    const grid = gridFolder({ 'a.txt': 'one text' });
    const source = found('text', { text: 'data/a.txt' }, grid);
    expect((await corpus('text', [source], { grid })).documents.length).toBe(1);
    writeFileSync(join(grid, 'data', 'a.txt'), 'another text');
    await expect(corpus('text', [source], { grid })).rejects.toMatchObject({
      code: 'E_DATA',
      where: source.source,
      message: 'the data has changed since the run was started',
    });
  });

  it('that hold several kinds of documents give those of one', async () => {
    const turns = [
      { from: 'human', value: 'What is it?' },
      { from: 'gpt', value: 'A square.' },
    ];
    const conversations = JSON.stringify([{ conversations: turns }, { image: 'a.png', conversations: turns }]);
    const grid = gridFolder({ 'list.json': conversations, 'a.png': await picture('#336699') });
    for (const kind of ['text', 'question'] as const) {
      const source = found(kind, { llava: { conversations: 'data/list.json', images: 'data' } }, grid);
      const { documents } = await corpus(kind, [source], { grid });
      expect(documents.map((document) => document.kind)).toEqual([kind]);
    }
  });
});

it('a corpus whose training side is empty is E_DATA by its name', async () => {
  // Openmoji is the vendor that is held out.
  await expect(corpus('caption', ['emoji-openmoji'])).rejects.toMatchObject({
    code: 'E_DATA',
    where: 'emoji-openmoji',
  });
});
