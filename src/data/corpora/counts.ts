import type { SourceDocument } from '../sources/source.js';
import { type BuiltInCorpus, type Counts, SIDES } from './corpus.js';

/** Counts both sides of a corpus by walking through them; no picture is decoded. */
export async function countCorpus(corpus: BuiltInCorpus, folder: string): Promise<Counts> {
  let [pictures, documents, words] = [0, 0, 0];
  for (const side of SIDES) {
    for await (const document of corpus.open(side, folder).documents()) {
      documents++;
      pictures += picturesOf(document).length;
      for (const text of textsOf(document)) words += wordsIn(text);
    }
  }
  return { pictures, documents, words };
}

/** Every picture of a document, in reading order. */
export function picturesOf(document: SourceDocument) {
  if (document.kind === 'text') return [];
  if (document.kind !== 'interleaved') return [document.image];
  return document.pieces.flatMap((piece) => ('image' in piece ? [piece.image] : []));
}

/** Every text of a document, in reading order. */
export function textsOf(document: SourceDocument): readonly string[] {
  switch (document.kind) {
    case 'text':
      return [document.text];
    case 'caption':
      return [...document.alt, ...document.rewritten];
    case 'question':
      return [document.question, ...document.answers];
    case 'interleaved':
      return document.pieces.flatMap((piece) => ('text' in piece ? [piece.text] : []));
  }
}

function wordsIn(text: string): number {
  return text.match(/[\p{L}\p{M}\p{N}'’]+/gu)?.length ?? 0;
}
