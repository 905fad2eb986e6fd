import type { Random } from '../random.js';
import { DocumentSet, type StoredDocument } from './document-set.js';
import { openImageSet } from './image-set.js';
import { PicturePool } from './picture-pool.js';
import { randomOrder } from './random-order.js';

export type StoredCaption = Extract<StoredDocument, { kind: 'caption' }>;

/** Captioned pictures in a folder that is an image set and a document set at once. */
export interface CaptionCorpus {
  readonly pool: PicturePool;
  readonly count: number;
  /** Every document, by its number. */
  readonly all: Int32Array;
  /** Which first text each document has, by a number of its own: [count]. */
  readonly firstTexts: Int32Array;
  /** Different first texts. */
  readonly distinct: number;
  /** Documents with named parts, and those without. */
  readonly withParts: Int32Array;
  readonly whole: Int32Array;
  read(document: number): StoredCaption;
  /** Pictures of documents, as {@link PicturePool.get} gives them. */
  pixels(documents: readonly number[]): Promise<Uint8Array[]>;
  close(): Promise<void>;
}

/** Texts as the web has them; of a document that has rewritten ones alone, those. */
export function plainTexts({ alt, rewritten }: StoredCaption): readonly string[] {
  return alt.length > 0 ? alt : rewritten;
}

/**
 * Opens a folder of captioned pictures. Each document is read once, and a few numbers of it are kept.
 * @throws Mm1Error E_CORPUS or E_IMAGE where the folder holds no whole document set or image set
 */
export async function openCaptionCorpus(folder: string): Promise<CaptionCorpus> {
  const documents = new DocumentSet(folder);
  const set = await openImageSet(folder);
  const pool = new PicturePool(set);

  function read(document: number): StoredCaption {
    const stored = documents.read(document);
    if (stored.kind !== 'caption') throw new Error(`document ${stored.id} is no caption but ${stored.kind}`);
    return stored;
  }

  const known = new Map<string, number>();
  const firstTexts = new Int32Array(documents.count);
  const pictures = new Int32Array(documents.count);
  const withParts: number[] = [];
  const whole: number[] = [];
  for (let document = 0; document < documents.count; document++) {
    const stored = read(document);
    const [text] = plainTexts(stored);
    if (text === undefined) throw new Error(`document ${stored.id} has no text`);
    if (!known.has(text)) known.set(text, known.size);
    firstTexts[document] = known.get(text)!;
    pictures[document] = set.indexOf(stored.image);
    (stored.parts && stored.parts.length > 0 ? withParts : whole).push(document);
  }

  return {
    pool,
    count: documents.count,
    all: Int32Array.from({ length: documents.count }, (_, document) => document),
    firstTexts,
    distinct: known.size,
    withParts: Int32Array.from(withParts),
    whole: Int32Array.from(whole),
    read,
    pixels: (wanted) => pool.get(wanted.map((document) => pictures[document]!)),
    async close() {
      documents.close();
      await set.close();
    },
  };
}

/**
 * Gives some documents in random order, each as likely, but none whose first text another one had: what is said of that one would
 * be true of this one too.
 */
export function* distinctDocuments(
  { firstTexts }: CaptionCorpus,
  documents: Int32Array,
  stream: Random,
): Generator<number, void> {
  const taken = new Set<number>();
  for (const place of randomOrder(documents.length, stream)) {
    const document = documents[place]!;
    const text = firstTexts[document]!;
    if (taken.has(text)) continue;
    taken.add(text);
    yield document;
  }
}
