import type { DocumentSet, StoredDocument } from './document-set.js';
import { questionPrompt } from './examples.js';
import type { Group, Piece } from './packing.js';
import type { Tokenizer } from './tokenizer/index.js';

/** A document as token ids and pictures. */
export type EncodedDocument =
  | {
      readonly kind: 'caption';
      readonly image: string;
      readonly alt: readonly Piece<string>[];
      readonly rewritten: readonly Piece<string>[];
    }
  | { readonly kind: 'question'; readonly image: string; readonly examples: Group<string>['examples'] }
  | { readonly kind: 'interleaved' | 'text'; readonly pieces: readonly Piece<string>[] }
  | LongText;

/** A text that is never read whole: a speech takes longer to encode than a step of training. */
export interface LongText {
  readonly kind: 'long text';
  readonly characters: number;
  /**
   * Reads a part, from the word at or after a place on; with the end of text where it reaches it.
   * @param place in the text, from 0 to 1
   * @param tokens that the part has at least, but for the text's end
   */
  from(place: number, tokens: number): readonly Piece<string>[];
}

/** Characters above which a text is read in parts. */
const LONG = 8000;
/** Characters of a part for each token that is wanted of it: no usual word has so many a token. */
const CHARACTERS = 16;
/** Tokens that are kept in memory at most, of documents that were read before. */
const KEPT_TOKENS = 4_000_000;
/** Bytes that a kept token takes: a long text is kept as it is, and counts by them. */
const BYTES_OF_TOKEN = 8;

/** A document set's documents as a language model reads them. What was encoded once is kept as long as there is room. */
export class EncodedDocuments {
  readonly set: DocumentSet;
  readonly #tokenizer: Tokenizer;
  readonly #kept = new Map<number, EncodedDocument>();
  #tokens = 0;

  constructor(set: DocumentSet, tokenizer: Tokenizer) {
    this.set = set;
    this.#tokenizer = tokenizer;
  }

  read(index: number): EncodedDocument {
    const kept = this.#kept.get(index);
    if (kept) return kept;
    const document = encode(this.set.read(index), this.#tokenizer);
    const tokens = tokensOf(document);
    if (this.#tokens + tokens <= KEPT_TOKENS) {
      this.#tokens += tokens;
      this.#kept.set(index, document);
    }
    return document;
  }
}

/**
 * Loss falls on every text but a question (MM1, section 3.2: on text alone); each example ends with the end of text.
 * A caption stands behind its picture as it is; a question has the form of MM1's prompts.
 */
function encode(document: StoredDocument, tokenizer: Tokenizer): EncodedDocument {
  const text = (words: string): Piece<string> => ({ tokens: tokenizer.encode(words), counted: true });
  const last = (words: string): Piece<string> => ({
    tokens: [...tokenizer.encode(words), tokenizer.endOfText],
    counted: true,
  });
  switch (document.kind) {
    case 'caption': {
      const { kind, image, alt, rewritten } = document;
      return { kind, image, alt: alt.map(last), rewritten: rewritten.map(last) };
    }
    case 'question': {
      const { kind, image, questions } = document;
      const examples = questions.map(({ question, answer }): Piece<string>[] => [
        { tokens: tokenizer.encode(questionPrompt(question)), counted: false },
        last(` ${answer}`),
      ]);
      return { kind, image, examples };
    }
    case 'interleaved': {
      const pieces = document.pieces.map((piece) => ('image' in piece ? { image: piece.image } : text(piece.text)));
      return { kind: 'interleaved', pieces: [...pieces, { tokens: [tokenizer.endOfText], counted: true }] };
    }
    case 'text': {
      const { text: words } = document;
      if (words.length <= LONG) return { kind: 'text', pieces: [last(words)] };
      return {
        kind: 'long text',
        characters: words.length,
        from(place, tokens) {
          const start = wordAfter(words, Math.floor(place * words.length));
          const end = wordAfter(words, start + tokens * CHARACTERS);
          const part = words.slice(start, end);
          return [end === words.length ? last(part) : text(part)];
        },
      };
    }
  }
}

/** Start of the word at or after a character, with the blank before it; the text's end where none follows. */
function wordAfter(text: string, at: number): number {
  if (at === 0) return 0;
  const blank = text.slice(at).search(/\s/);
  return blank < 0 ? text.length : at + blank;
}

function tokensOf(document: EncodedDocument): number {
  const count = (pieces: readonly Piece<string>[]) =>
    pieces.reduce((total, piece) => total + ('tokens' in piece ? piece.tokens.length : 0), 0);
  switch (document.kind) {
    case 'caption':
      return count([...document.alt, ...document.rewritten]);
    case 'question':
      return count(document.examples.flat());
    case 'long text':
      return Math.ceil(document.characters / BYTES_OF_TOKEN);
    default:
      return count(document.pieces);
  }
}
