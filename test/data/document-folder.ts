import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DocumentSet, DocumentWriter, type StoredDocument } from '../../src/data/document-set.js';

/** A folder with a document set: documents by their source, in order. */
export function documentFolder(sources: Readonly<Record<string, readonly StoredDocument[]>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'mm1-documents-'));
  const writer = new DocumentWriter(folder);
  for (const [name, documents] of Object.entries(sources)) {
    writer.source(name);
    for (const document of documents) writer.append(document);
  }
  writer.close();
  return folder;
}

/** The same, opened. */
export function documentSet(sources: Readonly<Record<string, readonly StoredDocument[]>>): DocumentSet {
  return new DocumentSet(documentFolder(sources));
}
