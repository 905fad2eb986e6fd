import { createHash } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CaptionCorpus, openCaptionCorpus } from '../../src/data/caption-corpus.js';
import { DocumentWriter } from '../../src/data/document-set.js';
import { writeImageSet } from '../../src/data/image-set.js';
import { namedPictures } from '../../src/data/named-pictures.js';
import type { NamedPicture } from '../../src/data/regions.js';
import type { CaptionDocument } from '../../src/data/sources/source.js';
import { worldSource } from '../../src/data/world/source.js';
import { captionFolder, type GivenCaption } from './caption-folder.js';

const SIDE = 56;
const SETTINGS = { pictures: 40, drawings: 4, seed: 3, rewritten: 0, mismatched: 0 };

/** Opens a corpus whose pictures are of one grey each; those of the documents that `dark` names are black. */
async function corpusOf(documents: readonly GivenCaption[], dark: (document: number) => boolean = () => false) {
  return openCaptionCorpus(
    await captionFolder(documents, SIDE, (picture) => (dark(picture) ? [0, 0, 0] : [255, 255, 255])),
  );
}

/** 30 names of two drawings each, every other drawing black. */
const names: readonly GivenCaption[] = Array.from({ length: 60 }, (_, i) => ({
  alt: [`name ${i % 30}`, `tag ${i % 30}`],
  rewritten: [`long ${i % 30}`],
}));
const PARTS = [0, 0.25, 0.5, 0.75].map((top) => ({
  box: [top, 0.5, 0.125, 0.25] as const,
  phrase: `part at ${top}`,
}));
const withParts: readonly GivenCaption[] = Array.from({ length: 20 }, (_, i) => ({
  alt: ['scene'],
  rewritten: [],
  parts: PARTS.map(({ box, phrase }) => ({ box, phrase: `${phrase} of ${i}` })),
}));

const phrasesOf = (pictures: readonly NamedPicture[]) =>
  pictures.flatMap(({ regions }) => regions.map(({ phrase }) => phrase));
const middle = ({ pixels }: NamedPicture, { top, left, height, width }: NamedPicture['regions'][number]['box']) =>
  pixels[(Math.floor(top + height / 2) * SIDE + Math.floor(left + width / 2)) * 3]!;
const told = (pictures: readonly NamedPicture[]) =>
  pictures.map(({ pixels, regions }) => ({
    pixels: createHash('sha256').update(pixels).digest('hex'),
    regions: regions.map(({ box, phrase }) => ({ box, phrase })),
  }));

let drawn: CaptionCorpus;
let mixed: CaptionCorpus;
beforeAll(async () => {
  drawn = await corpusOf(names, (document) => document >= 30);
  mixed = await corpusOf([...names, ...withParts], (document) => document >= 60);
});
afterAll(async () => {
  await drawn.close();
  await mixed.close();
});

describe('pictures of a step', () => {
  it('are a pure function of corpus, settings and step', async () => {
    const first = told((await namedPictures(mixed, SETTINGS, 4)).pictures);
    expect(told((await namedPictures(mixed, SETTINGS, 4)).pictures)).toEqual(first);
    expect(told((await namedPictures(mixed, SETTINGS, 5)).pictures)).not.toEqual(first);
    expect(told((await namedPictures(mixed, { ...SETTINGS, seed: 4 }, 4)).pictures)).not.toEqual(first);
  });

  it('are collages as often as documents have no parts', async () => {
    let own = 0;
    const steps = 100;
    for (let step = 0; step < steps; step++) {
      const { pictures } = await namedPictures(mixed, { ...SETTINGS, drawings: 1 }, step);
      expect(pictures).toHaveLength(SETTINGS.pictures);
      own += pictures.filter(({ regions }) => regions[0]!.phrase.startsWith('part')).length;
    }
    // 0.25 is expected, with a standard deviation of 0.007.
    expect(Math.abs(own / steps / SETTINGS.pictures - 0.25)).toBeLessThan(0.025);
  });

  it('show a document that has parts as it is, its parts in pixels and in any order', async () => {
    const orders = new Set<string>();
    const { pictures } = await namedPictures(mixed, { ...SETTINGS, pictures: 60 }, 0);
    const own = pictures.filter(({ regions }) => regions[0]!.phrase.startsWith('part'));
    const documents = own.map(({ regions }) => regions[0]!.phrase.split(' of ')[1]);
    expect(new Set(documents).size).toBe(own.length);
    for (const { pixels, regions } of own) {
      expect(Math.max(...pixels)).toBe(0);
      expect(new Set(regions.map(({ phrase }) => phrase.split(' of ')[1])).size).toBe(1);
      expect(regions).toHaveLength(4);
      for (const { box, phrase } of regions) {
        const top = Number(phrase.split(' ')[2]);
        expect(box).toEqual({ top: 56 * top, left: 28, height: 7, width: 14 });
      }
      orders.add(regions.map(({ box }) => box.top).join());
    }
    expect(orders.size).toBeGreaterThan(5);
  });

  it('go on where all documents with parts have come', async () => {
    const scenes = await corpusOf(withParts.slice(0, 2));
    const { pictures, texts } = await namedPictures(scenes, { ...SETTINGS, pictures: 5 }, 0);
    const documents = pictures.map(({ regions }) => regions[0]!.phrase.split(' of ')[1]);
    expect(new Set(documents.slice(0, 2)).size).toBe(2);
    expect(new Set(documents.slice(2, 4)).size).toBe(2);
    expect(texts).toEqual([]);
    await scenes.close();
  });
});

describe('what stands in a collage', () => {
  it('is any document of its first text', async () => {
    const { pictures } = await namedPictures(drawn, SETTINGS, 0);
    const dark = pictures.flatMap((picture) => picture.regions.map(({ box }) => middle(picture, box) === 0));
    const share = dark.filter(Boolean).length / dark.length;
    expect(share).toBeGreaterThan(0.3);
    expect(share).toBeLessThan(0.7);
  });

  it('is called by a text of its own, the same through a step, and another in another', async () => {
    const calls = new Map<string, Set<string>>();
    for (let step = 0; step < 5; step++) {
      const phrases = phrasesOf((await namedPictures(drawn, SETTINGS, step)).pictures);
      for (const number of Array.from({ length: 30 }, (_, i) => `${i}`)) {
        const own = new Set(phrases.filter((phrase) => phrase.split(' ')[1] === number));
        expect(own.size).toBe(1);
        calls.set(number, new Set([...(calls.get(number) ?? []), ...own]));
      }
    }
    const sizes = [...calls.values()].map((own) => own.size);
    expect(Math.max(...sizes)).toBe(2);
  });

  it('gives every first text its turn before one comes again', async () => {
    const phrases = phrasesOf((await namedPictures(drawn, SETTINGS, 0)).pictures);
    expect(new Set(phrases.slice(0, 30)).size).toBe(30);
    const second = phrases.slice(30, 60);
    expect(second.length).toBeGreaterThan(10);
    expect(new Set(second).size).toBe(second.length);
    expect(phrases.slice(0, second.length)).not.toEqual(second);
  });

  it('takes rewritten and wrong texts as the set has them, and says so', async () => {
    const rewritten = await namedPictures(drawn, { ...SETTINGS, rewritten: 1 }, 0);
    for (const phrase of phrasesOf(rewritten.pictures)) expect(phrase).toMatch(/^long/);
    expect(rewritten.texts.map(({ origin }) => origin)).toEqual(Array(30).fill('rewritten'));
    const wrong = await namedPictures(drawn, { ...SETTINGS, mismatched: 1 }, 0);
    expect(wrong.texts.map(({ origin }) => origin)).toEqual(Array(30).fill('mismatched'));
  });
});

describe('the world', () => {
  it('has its things where their boxes lie', async () => {
    const side = 336;
    const source = worldSource({ seed: 0, split: 'train', kinds: ['caption'], scenes: 24 });
    const documents: CaptionDocument[] = [];
    for await (const document of source.documents()) documents.push(document as CaptionDocument);
    const folder = mkdtempSync(join(tmpdir(), 'mm1-world-'));
    await writeImageSet(
      folder,
      documents.map(({ image }) => image),
      side,
    );
    const writer = new DocumentWriter(folder);
    writer.source('world');
    for (const document of documents) writer.append({ ...document, image: document.image.id });
    writer.close();
    const world = await openCaptionCorpus(folder);
    const { pictures } = await namedPictures(world, { ...SETTINGS, pictures: 24 }, 0);
    for (const { pixels, regions } of pictures) {
      const inside = regions.map(({ box: { top, left, height, width } }) => {
        // A box's rim falls between pixels.
        return (y: number, x: number) => y + 1 >= top && y <= top + height && x + 1 >= left && x <= left + width;
      });
      const places = Array.from({ length: side * side }, (_, i) => [Math.floor(i / side), i % side] as const);
      const outside = places.filter(([y, x]) => inside.every((covers) => !covers(y, x)));
      const background = [0, 1, 2].map(
        (channel) => outside.reduce((sum, [y, x]) => sum + pixels[(y * side + x) * 3 + channel]!, 0) / outside.length,
      );
      // The noise has a standard deviation of 8 levels at this size.
      const isDrawn = ([y, x]: readonly [number, number]) =>
        background.some((level, channel) => Math.abs(pixels[(y * side + x) * 3 + channel]! - level) > 48);
      expect(outside.filter(isDrawn)).toEqual([]);
      inside.forEach((covers, i) => {
        const covered = places.filter(([y, x]) => covers(y, x));
        expect(covered.filter(isDrawn).length / covered.length, regions[i]!.phrase).toBeGreaterThan(0.2);
      });
    }
    await world.close();
  });
});
