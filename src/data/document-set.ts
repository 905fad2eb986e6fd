import { closeSync, openSync, readFileSync, readSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { Mm1Error } from '../errors.js';
import type { CaptionDocument, NamedPart } from './sources/source.js';

/** A document as a corpus keeps it: pictures by their ids in the image set beside it. */
export type StoredDocument =
  | {
      readonly kind: 'caption';
      readonly id: string;
      readonly image: string;
      readonly alt: CaptionDocument['alt'];
      readonly rewritten: CaptionDocument['rewritten'];
      readonly parts?: readonly NamedPart[] | undefined;
    }
  /** Everything that is asked about one picture, one after another. */
  | {
      readonly kind: 'question';
      readonly id: string;
      readonly image: string;
      readonly questions: readonly { readonly question: string; readonly answer: string }[];
    }
  | {
      readonly kind: 'interleaved';
      readonly id: string;
      readonly pieces: readonly ({ readonly text: string } | { readonly image: string })[];
    }
  | { readonly kind: 'text'; readonly id: string; readonly text: string };

/**
 * A document set is a folder of two files: `documents.jsonl`, a document a line, and `documents.json`, which says where each
 * line starts and which source it comes from. Opening it reads the second alone.
 */
const LINES = 'documents.jsonl';
const INDEX = 'documents.json';

const indexSchema = z.object({
  version: z.literal(1),
  /** Sources with the number of documents of each, in the file's order. */
  sources: z.array(z.object({ name: z.string(), documents: z.int().nonnegative() })),
  /** Bytes of each line, its end included. */
  lengths: z.array(z.int().positive()),
  /** Of captions: numbers of the documents that have texts as the web has them, and of those with rewritten ones. */
  alt: z.array(z.int().nonnegative()),
  rewritten: z.array(z.int().nonnegative()),
});
type Index = z.infer<typeof indexSchema>;

/** Writes documents as they come, source by source. The index is written last: a set whose writing was interrupted does not open. */
export class DocumentWriter {
  readonly #folder: string;
  readonly #file: number;
  readonly #sources: { name: string; documents: number }[] = [];
  readonly #lengths: number[] = [];
  readonly #alt: number[] = [];
  readonly #rewritten: number[] = [];

  constructor(folder: string) {
    this.#folder = folder;
    this.#file = openSync(join(folder, LINES), 'w');
  }

  /** What is appended from here on comes from this source. */
  source(name: string): void {
    this.#sources.push({ name, documents: 0 });
  }

  append(document: StoredDocument): void {
    const source = this.#sources.at(-1);
    if (!source) throw new Error('a document without a source');
    if (document.kind === 'caption') {
      if (document.alt.length > 0) this.#alt.push(this.#lengths.length);
      if (document.rewritten.length > 0) this.#rewritten.push(this.#lengths.length);
    }
    const line = Buffer.from(`${JSON.stringify(document)}\n`);
    writeSync(this.#file, line);
    this.#lengths.push(line.length);
    source.documents++;
  }

  /** Leaves a set that does not open. */
  abandon(): void {
    closeSync(this.#file);
  }

  close(): void {
    closeSync(this.#file);
    const index: Index = {
      version: 1,
      sources: this.#sources,
      lengths: this.#lengths,
      alt: this.#alt,
      rewritten: this.#rewritten,
    };
    writeFileSync(join(this.#folder, INDEX), JSON.stringify(index));
  }
}

/** One source's part of a document set. */
export interface SourcePart {
  readonly name: string;
  /** Number of its first document. */
  readonly first: number;
  readonly documents: number;
}

/** Documents on disk, each read when it is asked for. */
export class DocumentSet {
  readonly count: number;
  readonly sources: readonly SourcePart[];
  /** Of captions: documents with texts as the web has them, and documents with rewritten ones, by number, in order. */
  readonly alt: readonly number[];
  readonly rewritten: readonly number[];
  readonly #file: number;
  readonly #starts: Float64Array;

  /** @throws Mm1Error E_CORPUS where the folder holds no whole set */
  constructor(folder: string) {
    const { sources, lengths, alt, rewritten } = readIndex(join(folder, INDEX));
    this.alt = alt;
    this.rewritten = rewritten;
    this.count = lengths.length;
    this.#starts = new Float64Array(this.count + 1); // [documents + 1], bytes
    lengths.forEach((length, i) => {
      this.#starts[i + 1] = this.#starts[i]! + length;
    });
    let first = 0;
    this.sources = sources.map(({ name, documents }) => {
      const part = { name, first, documents };
      first += documents;
      return part;
    });
    this.#file = openSync(join(folder, LINES), 'r');
  }

  read(index: number): StoredDocument {
    const start = this.#starts[index];
    const end = this.#starts[index + 1];
    if (start === undefined || end === undefined)
      throw new Error(`the set has ${this.count} documents, and no ${index}`);
    const line = Buffer.alloc(end - start);
    readSync(this.#file, line, 0, line.length, start);
    return JSON.parse(line.toString('utf8')) as StoredDocument;
  }

  close(): void {
    closeSync(this.#file);
  }
}

function readIndex(path: string): Index {
  try {
    return indexSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch (cause) {
    throw new Mm1Error('A corpus has no readable index of its documents', {
      code: 'E_CORPUS',
      where: path,
      remedy: 'Remove the folder: the corpus is read again at the next run.',
      cause,
    });
  }
}
