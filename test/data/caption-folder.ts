import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DocumentWriter, type StoredDocument } from '../../src/data/document-set.js';
import { writeImageSet } from '../../src/data/image-set.js';

/** A caption document as a test gives it: its picture is its own where none is named. */
export type GivenCaption = Omit<Extract<StoredDocument, { kind: 'caption' }>, 'kind' | 'id' | 'image'>;

/** RGB, [side, side, 3], of a picture by its number. */
export type Paint = (picture: number, y: number, x: number) => readonly [number, number, number];

/** Writes a folder of captioned pictures, as a corpus stage does. */
export async function captionFolder(documents: readonly GivenCaption[], side: number, paint: Paint): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'mm1-captions-'));
  const pixels = (picture: number) =>
    Uint8Array.from(
      Array.from({ length: side * side }, (_, i) => paint(picture, Math.floor(i / side), i % side)).flat(),
    );
  const images = documents.map((_, i) => ({ id: `picture ${i}`, pixels: async () => pixels(i) }));
  // In the opposite order: a document's number is not its picture's.
  await writeImageSet(folder, images.reverse(), side);
  const writer = new DocumentWriter(folder);
  writer.source('test');
  documents.forEach((document, i) => {
    writer.append({ kind: 'caption', id: `document ${i}`, image: `picture ${i}`, ...document });
  });
  writer.close();
  return folder;
}
