import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CaptionCorpus, openCaptionCorpus } from '../../src/data/caption-corpus.js';
import { countTexts, type DrawnText, drawText } from '../../src/data/caption-texts.js';
import { random } from '../../src/random.js';
import { captionFolder, type GivenCaption } from './caption-folder.js';

/** Documents 0 to 2 have both kinds of text, 3 one kind, 4 the other; 5 and 0 have one first text. */
const DOCUMENTS: readonly GivenCaption[] = [
  ...[0, 1, 2].map((i) => ({ alt: [`alt ${i}`, `tags ${i}`], rewritten: [`long ${i}`, `longer ${i}`] })),
  { alt: ['alt 3'], rewritten: [] },
  { alt: [], rewritten: ['long 4'] },
  { alt: ['alt 0', 'twin 5'], rewritten: [] },
];
const DRAWS = 20_000;
const SHARES = { rewritten: 0.3, mismatched: 0.2 };

let corpus: CaptionCorpus;
beforeAll(async () => {
  corpus = await openCaptionCorpus(await captionFolder(DOCUMENTS, 2, () => [0, 0, 0]));
});
afterAll(() => corpus.close());

function draw(document: number, shares = SHARES, draws = DRAWS): DrawnText[] {
  const stream = random(7, `texts ${document}`);
  return Array.from({ length: draws }, () => drawText(corpus, document, shares, stream));
}
const share = (texts: readonly DrawnText[], is: (text: DrawnText) => boolean) => texts.filter(is).length / texts.length;

describe('the texts of a document', () => {
  it("are rewritten with their share, and another picture's with theirs among the others", () => {
    const texts = draw(1);
    const { alt, rewritten, mismatched } = countTexts(texts);
    expect(Math.abs(rewritten / DRAWS - 0.3)).toBeLessThan(0.01);
    expect(Math.abs(mismatched / (alt + mismatched) - 0.2)).toBeLessThan(0.01);
    expect(alt + rewritten + mismatched).toBe(DRAWS);
  });

  it('are what their origin says, each text as likely', () => {
    const texts = draw(1);
    const of = (origin: string) => texts.filter((text) => text.origin === origin);
    expect(new Set(of('alt').map(({ text }) => text))).toEqual(new Set(['alt 1', 'tags 1']));
    expect(Math.abs(share(of('alt'), ({ text }) => text === 'tags 1') - 0.5)).toBeLessThan(0.02);
    expect(new Set(of('rewritten').map(({ text }) => text))).toEqual(new Set(['long 1', 'longer 1']));
    expect(Math.abs(share(of('rewritten'), ({ text }) => text === 'longer 1') - 0.5)).toBeLessThan(0.03);
    const others = ['alt 0', 'tags 0', 'alt 2', 'tags 2', 'alt 3', 'long 4', 'twin 5'];
    expect(new Set(of('mismatched').map(({ text }) => text))).toEqual(new Set(others));
  });

  it('are never wrong by a document that says the same', () => {
    for (const { text, origin } of draw(0)) {
      if (origin === 'mismatched') expect(['alt 0', 'tags 0', 'twin 5']).not.toContain(text);
    }
  });

  it('are not rewritten where nobody did', () => {
    expect(countTexts(draw(3)).rewritten).toBe(0);
    const { mismatched } = countTexts(draw(3));
    expect(Math.abs(mismatched / DRAWS - 0.2)).toBeLessThan(0.01);
  });

  it('are rewritten ones where there are no others', () => {
    const own = draw(4).filter(({ origin }) => origin !== 'mismatched');
    expect(new Set(own.map(({ text }) => text))).toEqual(new Set(['long 4']));
  });

  it('are all alternative texts where a set has no others', () => {
    expect(countTexts(draw(2, { rewritten: 0, mismatched: 0 }, 500))).toEqual({
      alt: 500,
      rewritten: 0,
      mismatched: 0,
    });
  });

  it('are right in a corpus that says one thing', async () => {
    const same = [
      { alt: ['one'], rewritten: [] },
      { alt: ['one'], rewritten: [] },
    ];
    const alone = await openCaptionCorpus(await captionFolder(same, 2, () => [0, 0, 0]));
    const drawn = drawText(alone, 0, { rewritten: 0, mismatched: 1 }, random(1, 'one'));
    expect(drawn).toEqual({ text: 'one', origin: 'alt' });
    await alone.close();
  });
});
