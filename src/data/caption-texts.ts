import type { Random } from '../random.js';
import { type CaptionCorpus, plainTexts } from './caption-corpus.js';
import type { TextShares } from './encoder-sets.js';

/** Where a picture's text comes from: its own texts as the web has them, its own rewritten ones, or another picture's. */
export type TextOrigin = 'alt' | 'rewritten' | 'mismatched';
export type TextCounts = Readonly<Record<TextOrigin, number>>;

export interface DrawnText {
  readonly text: string;
  readonly origin: TextOrigin;
}

/**
 * A text for a document's picture: a rewritten one with the set's share where there is one, else one of the others, each as
 * likely, and with the share of mismatched ones that of a document whose first text is another.
 */
export function drawText(corpus: CaptionCorpus, document: number, shares: TextShares, stream: Random): DrawnText {
  const stored = corpus.read(document);
  const oneOf = (texts: readonly string[]) => texts[stream.below(texts.length)]!;
  if (stored.rewritten.length > 0 && stream.uniform() < shares.rewritten) {
    return { text: oneOf(stored.rewritten), origin: 'rewritten' };
  }
  if (corpus.distinct > 1 && stream.uniform() < shares.mismatched) {
    return { text: oneOf(plainTexts(corpus.read(anotherThan(document, corpus, stream)))), origin: 'mismatched' };
  }
  return { text: oneOf(plainTexts(stored)), origin: 'alt' };
}

function anotherThan(document: number, { firstTexts, count }: CaptionCorpus, stream: Random): number {
  for (;;) {
    const other = stream.below(count);
    if (firstTexts[other] !== firstTexts[document]) return other;
  }
}

export function countTexts(texts: readonly DrawnText[]): TextCounts {
  const counts = { alt: 0, rewritten: 0, mismatched: 0 };
  for (const { origin } of texts) counts[origin]++;
  return counts;
}

/**
 * Every text that may be drawn, some more than once.
 * @param named whether parts of pictures are what is named: whole texts then stand for pictures without parts alone
 */
export function* drawableTexts(
  corpus: CaptionCorpus,
  { rewritten }: Pick<TextShares, 'rewritten'>,
  named: boolean,
): Generator<string> {
  for (const document of corpus.all) {
    const stored = corpus.read(document);
    if (!named || corpus.whole.length > 0) {
      yield* plainTexts(stored);
      if (rewritten > 0) yield* stored.rewritten;
    }
    if (named) for (const { phrase } of stored.parts ?? []) yield phrase;
  }
}
