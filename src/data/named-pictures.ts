import { type Random, random } from '../random.js';
import { type CaptionCorpus, distinctDocuments } from './caption-corpus.js';
import { type DrawnText, drawText } from './caption-texts.js';
import { type Drawing, type PlacedDrawing, paintCollage, planCollage } from './collage.js';
import type { TextShares } from './encoder-sets.js';
import { randomOrder } from './random-order.js';
import type { NamedPicture, Region } from './regions.js';
import type { NamedPart } from './sources/source.js';

/** How pictures with named parts are drawn. */
export interface NamedPictureSettings extends TextShares {
  /** Pictures a step. */
  readonly pictures: number;
  /** Most drawings of a collage. */
  readonly drawings: number;
  readonly seed: number;
}

/** Pictures of one step, and the texts that stand for whole pictures among their regions' phrases. */
export interface NamedPictures {
  readonly pictures: readonly NamedPicture[];
  readonly texts: readonly DrawnText[];
}

/** A picture before its pixels are read: of a document's own parts, or a collage. */
type Planned =
  | { readonly document: number; readonly regions: readonly Region[] }
  | { readonly placed: readonly PlacedDrawing[] };

/**
 * Pictures of which parts are named: a pure function of (corpus, settings, step). A document with named parts is such a
 * picture as it stands, its parts in random order; documents without are put into collages, where each has a drawn text for
 * its phrase. Either kind comes as often as documents are of it, and no document twice before all have come. Documents of
 * one first text have one phrase a step, and the next one comes after all others.
 */
export async function namedPictures(
  corpus: CaptionCorpus,
  settings: NamedPictureSettings,
  step: number,
): Promise<NamedPictures> {
  const { resolution } = corpus.pool;
  const stream = random(settings.seed, `named pictures ${step}`);
  const nextWithParts = endless(() => randomOrder(corpus.withParts.length, stream));
  const { next, texts } = drawings(corpus, settings, stream);
  const planned = Array.from({ length: settings.pictures }, (): Planned => {
    if (stream.below(corpus.count) < corpus.withParts.length) {
      const document = corpus.withParts[nextWithParts()]!;
      return { document, regions: partRegions(corpus.read(document).parts!, resolution, stream) };
    }
    return { placed: planCollage(next, settings.drawings, resolution, stream) };
  });

  const shown = planned.map((picture) => ('placed' in picture ? picture.placed : [picture]));
  const pixels = await corpus.pixels(shown.flatMap((some) => some.map(({ document }) => document)));
  let read = 0;
  const pictures = planned.map((picture, i): NamedPicture => {
    const own = pixels.slice(read, read + shown[i]!.length);
    read += own.length;
    if ('placed' in picture) return paintCollage(picture.placed, own, resolution);
    return { pixels: own[0]!, regions: picture.regions };
  });
  return { pictures, texts };
}

/** Documents without parts in turn, each first text with the phrase that it got first; `texts` grows with the phrases. */
function drawings(corpus: CaptionCorpus, shares: TextShares, stream: Random) {
  const texts: DrawnText[] = [];
  const phrases = new Map<number, string>();
  const nextWhole = endless(() => distinctDocuments(corpus, corpus.whole, stream));
  const next = (): Drawing => {
    const document = nextWhole();
    const first = corpus.firstTexts[document]!;
    let phrase = phrases.get(first);
    if (phrase === undefined) {
      const text = drawText(corpus, document, shares, stream);
      texts.push(text);
      phrase = text.text;
      phrases.set(first, phrase);
    }
    return { document, phrase };
  };
  return { next, texts };
}

/** Gives numbers to the end, and then from a new beginning. */
function endless(begin: () => Iterator<number, void>): () => number {
  let numbers = begin();
  return () => {
    let at = numbers.next();
    if (at.done) {
      numbers = begin();
      at = numbers.next();
    }
    if (at.done) throw new Error('there is nothing to draw from');
    return at.value;
  };
}

/** Parts in pixels, in random order: where only some find a place, any of them does. */
function partRegions(parts: readonly NamedPart[], resolution: number, stream: Random): Region[] {
  return Array.from(stream.permutation(parts.length), (i) => {
    const { box, phrase } = parts[i]!;
    const [top, left, height, width] = box.map((share) => share * resolution) as [number, number, number, number];
    return { box: { top, left, height, width }, phrase };
  });
}
