import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CaptionCorpus, distinctDocuments, openCaptionCorpus } from '../../src/data/caption-corpus.js';
import { random } from '../../src/random.js';
import { captionFolder, type GivenCaption } from './caption-folder.js';

const part = { box: [0, 0, 1, 1], phrase: 'all' } as const;
/** First texts a b a c b, then the rewritten text of a document that has no other. */
const DOCUMENTS: readonly GivenCaption[] = [
  { alt: ['a', 'x'], rewritten: [] },
  { alt: ['b'], rewritten: ['long b'] },
  { alt: ['a', 'y'], rewritten: [], parts: [part] },
  { alt: ['c'], rewritten: [], parts: [] },
  { alt: ['b'], rewritten: [] },
  { alt: [], rewritten: ['r'] },
];

let corpus: CaptionCorpus;
beforeAll(async () => {
  corpus = await openCaptionCorpus(await captionFolder(DOCUMENTS, 4, (picture) => [picture, 100, 200]));
});
afterAll(() => corpus.close());

describe('a corpus of captions', () => {
  it('knows which documents share their first text, and which have parts', () => {
    expect([...corpus.firstTexts]).toEqual([0, 1, 0, 2, 1, 3]);
    expect([corpus.count, corpus.distinct]).toEqual([6, 4]);
    expect([...corpus.all]).toEqual([0, 1, 2, 3, 4, 5]);
    expect([...corpus.withParts]).toEqual([2]);
    expect([...corpus.whole]).toEqual([0, 1, 3, 4, 5]);
  });

  it('gives each document its own picture', async () => {
    const pictures = await corpus.pixels([5, 0, 3]);
    expect(pictures.map((pixels) => [...pixels.subarray(0, 3)])).toEqual([5, 0, 3].map((i) => [i, 100, 200]));
  });

  it('reads documents as they were written', () => {
    expect(corpus.read(2)).toEqual({ kind: 'caption', id: 'document 2', image: 'picture 2', ...DOCUMENTS[2] });
  });

  it('refuses a folder that holds none', async () => {
    await expect(openCaptionCorpus('/nowhere')).rejects.toMatchObject({ code: 'E_CORPUS' });
  });
});

describe('documents with different first texts', () => {
  it('are as many as there are texts, and never two of one', () => {
    for (let seed = 0; seed < 50; seed++) {
      const drawn = [...distinctDocuments(corpus, corpus.all, random(seed, 'documents'))];
      expect(new Set(drawn.map((document) => corpus.firstTexts[document])).size).toBe(4);
      expect(drawn).toHaveLength(4);
    }
  });

  it('come first each as often as any other', () => {
    const counts = [0, 0, 0, 0, 0, 0];
    const stream = random(1, 'documents');
    for (let i = 0; i < 6000; i++) counts[distinctDocuments(corpus, corpus.all, stream).next().value!]!++;
    for (const count of counts) expect(Math.abs(count - 1000)).toBeLessThan(120);
  });

  it('are some of those asked for', () => {
    const drawn = [...distinctDocuments(corpus, Int32Array.of(0, 2, 5), random(1, 'documents'))];
    expect(drawn).toHaveLength(2);
    expect(drawn).toContain(5);
  });
});
