import { LeftOut } from './left-out.js';
import type { CaptionDocument, InterleavedDocument, QuestionDocument, SourceImage, TextDocument } from './source.js';

/** Most pictures of one document (OBELICS leaves longer ones out too). */
const MOST_IMAGES = 30;

/** A picture that is looked at only once everything cheaper about its document holds. */
export type LaterImage = () => Promise<SourceImage>;

/** @throws LeftOut where no caption says anything, or the picture cannot be used */
export async function captionDocument(
  id: string,
  image: LaterImage,
  alt: readonly string[],
  rewritten: readonly string[] = [],
): Promise<CaptionDocument> {
  const texts = { alt: filled(alt), rewritten: filled(rewritten) };
  if (texts.alt.length + texts.rewritten.length === 0) throw new LeftOut('empty caption');
  return { kind: 'caption', id, image: await image(), ...texts };
}

/** @throws LeftOut where the question or every answer is empty, or the picture cannot be used */
export async function questionDocument(
  id: string,
  image: LaterImage,
  question: string,
  answers: readonly string[],
): Promise<QuestionDocument> {
  const given = filled(answers);
  if (question.trim() === '' || given.length === 0) throw new LeftOut('empty question or answer');
  return { kind: 'question', id, image: await image(), question: question.trim(), answers: given };
}

/** @throws LeftOut where there are no pictures, more than 30, or one that cannot be used */
export async function interleavedDocument(
  id: string,
  pieces: readonly ({ readonly text: string } | { readonly image: LaterImage })[],
): Promise<InterleavedDocument> {
  const images = pieces.filter((piece) => 'image' in piece).length;
  if (images === 0) throw new LeftOut('no image');
  if (images > MOST_IMAGES) throw new LeftOut('more than 30 images');
  const whole: InterleavedDocument['pieces'][number][] = [];
  for (const piece of pieces) {
    if ('image' in piece) whole.push({ image: await piece.image() });
    else if (piece.text.trim() !== '') whole.push({ text: piece.text });
  }
  if (whole.length === images) throw new LeftOut('empty text');
  return { kind: 'interleaved', id, pieces: whole };
}

/** @throws LeftOut where it is empty */
export function textDocument(id: string, text: string): TextDocument {
  if (text.trim() === '') throw new LeftOut('empty text');
  return { kind: 'text', id, text: text.trim() };
}

function filled(texts: readonly string[]): string[] {
  return texts.map((text) => text.trim()).filter((text) => text !== '');
}
