import { pMapIterable } from 'p-map';
import { Mm1Error } from '../errors.js';
import { picturesOf } from './corpora/counts.js';
import { atDetail } from './detail.js';
import { DocumentWriter, type StoredDocument } from './document-set.js';
import { CONCURRENCY, encodePicture, ImageWriter } from './image-set.js';
import { judgeTally } from './sources/account.js';
import { shuffled } from './sources/shuffle.js';
import type { Source, SourceDocument, Tally } from './sources/source.js';

/** How a corpus folder is filled. */
export interface CorpusOptions {
  /** Most documents of each source. */
  readonly documents: number;
  /** Side of the pictures in pixels; null where documents have none. */
  readonly resolution: number | null;
  /** Side that pictures are reduced to before: see {@link atDetail}. */
  readonly detail?: number | undefined;
}

/** A source to take documents from. */
export interface CorpusSource {
  /** What the recipe calls it. */
  readonly name: string;
  readonly source: Source;
  /** Documents in the shuffle buffer. */
  readonly buffer: number;
  /** Whether more than 1% of broken documents stop it, as with somebody's own data. */
  readonly strict: boolean;
}

/** What one source gave. */
export interface Taken {
  readonly source: string;
  readonly documents: number;
  /** Whether the source had no more. */
  readonly exhausted: boolean;
  /** What was looked at and left out on the way. */
  readonly tally: Tally;
}

/** Seed of the order in which documents are taken: it is no setting, so that all runs take the same. */
const ORDER_SEED = 0;

/** A document whose pictures are drawn. */
interface Rendered {
  readonly document: StoredDocument;
  readonly pictures: readonly { readonly id: string; readonly png: Buffer }[];
}

/**
 * Fills a folder that exists with documents and their pictures: a document set, and beside it an image set. Each source is
 * walked once, through a shuffle buffer, until enough documents are taken, so that neither a source nor what is taken of it
 * is ever in memory. A document whose picture cannot be drawn is left out. The same sources give the same bytes.
 * @param onTaken told after each document, with the number of all that were taken of the source
 * @throws Mm1Error E_DATA where a strict source has more than 1% of documents that cannot be used, or any source has none
 */
export async function writeCorpus(
  folder: string,
  sources: readonly CorpusSource[],
  options: CorpusOptions,
  onTaken: (source: number, documents: number) => Promise<void>,
): Promise<{ taken: Taken[]; pictures: number; bytes: number }> {
  const documents = new DocumentWriter(folder);
  const images = options.resolution === null ? null : await ImageWriter.open(folder, options.resolution);
  const drawn = new Set<string>();
  const taken: Taken[] = [];
  try {
    for (const [number, { name, source, buffer, strict }] of sources.entries()) {
      documents.source(name);
      let count = 0;
      let undrawn = 0;
      let exhausted = true;
      const stream = shuffled(grouped(source.documents()), { size: buffer, seed: ORDER_SEED });
      const rendered = pMapIterable(stream, (document) => render(document, options, drawn), {
        concurrency: CONCURRENCY,
      });
      for await (const one of rendered) {
        if (one === null) {
          undrawn++;
          continue;
        }
        for (const { id, png } of one.pictures) {
          if (drawn.has(id)) continue;
          drawn.add(id);
          await images?.append(id, png);
        }
        documents.append(one.document);
        await onTaken(number, ++count);
        if (count === options.documents) {
          exhausted = false;
          break;
        }
      }
      const tally = withUndrawn(source.tally(), undrawn);
      if (strict) judgeTally(name, tally);
      if (count === 0) throw empty(name);
      taken.push({ source: name, documents: count, exhausted, tally });
    }
  } catch (error) {
    await images?.abandon();
    documents.abandon();
    throw error;
  }
  documents.close();
  return { taken, ...((await images?.close()) ?? { pictures: 0, bytes: 0 }) };
}

/** Brings questions about one picture that stand behind each other together. */
async function* grouped(documents: AsyncIterable<SourceDocument>): AsyncGenerator<SourceDocument[]> {
  let group: SourceDocument[] = [];
  for await (const document of documents) {
    const [first] = group;
    const same = first?.kind === 'question' && document.kind === 'question' && first.image.id === document.image.id;
    if (!same && group.length > 0) {
      yield group;
      group = [];
    }
    group.push(document);
  }
  if (group.length > 0) yield group;
}

/** Draws what was not drawn before; null where a picture cannot be drawn. */
async function render(
  group: readonly SourceDocument[],
  { resolution, detail }: CorpusOptions,
  drawn: ReadonlySet<string>,
): Promise<Rendered | null> {
  const pictures: { id: string; png: Buffer }[] = [];
  for (const image of picturesOf(group[0]!)) {
    if (resolution === null || drawn.has(image.id) || pictures.some(({ id }) => id === image.id)) continue;
    try {
      pictures.push({ id: image.id, png: await encodePicture(atDetail(image, detail), resolution) });
    } catch (error) {
      if (error instanceof Mm1Error && error.code === 'E_IMAGE') return null;
      throw error;
    }
  }
  return { document: stored(group), pictures };
}

function stored(group: readonly SourceDocument[]): StoredDocument {
  const document = group[0]!;
  const { id } = document;
  switch (document.kind) {
    case 'caption': {
      const { kind, image, alt, rewritten, parts } = document;
      return { kind, id, image: image.id, alt, rewritten, ...(parts && { parts }) };
    }
    case 'question': {
      const questions = group.flatMap((each) =>
        each.kind === 'question' ? [{ question: each.question, answer: each.answers[0]! }] : [],
      );
      return { kind: 'question', id, image: document.image.id, questions };
    }
    case 'interleaved': {
      const pieces = document.pieces.map((piece) => ('image' in piece ? { image: piece.image.id } : piece));
      return { kind: 'interleaved', id, pieces };
    }
    case 'text':
      return { kind: 'text', id, text: document.text };
  }
}

/** A picture that cannot be drawn is in the tally of a source that counts such pictures itself; else it is put there. */
function withUndrawn({ seen, skipped }: Tally, undrawn: number): Tally {
  const counted = skipped['broken image'] ?? 0;
  return undrawn > counted ? { seen, skipped: { ...skipped, 'broken image': undrawn } } : { seen, skipped };
}

function empty(source: string): Mm1Error {
  return new Mm1Error('A source of training data has no document', {
    code: 'E_DATA',
    where: source,
    remedy: 'Take it out of the grid, or see what it holds with "mm1 data".',
  });
}
