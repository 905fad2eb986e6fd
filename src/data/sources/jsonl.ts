import { z } from 'zod';
import { json } from './bytes.js';
import { textDocument } from './documents.js';
import { dataFiles } from './files.js';
import { path, shortened, sourceKind } from './kind.js';
import { filledLines } from './lines.js';
import { userSource } from './user-source.js';

/** Text as JSONL: an object a line, one field of which is the document. */
export const jsonl = sourceKind({
  schema: shortened('files', z.strictObject({ files: path, field: z.string().default('text') })),
  gives: () => ['text'],
  files: (options, folder) => ({ files: dataFiles(options.files, folder) }),
  async open({ files: pattern, field }, folder) {
    const files = dataFiles(pattern, folder);
    const row = z.object({ [field]: z.string() });
    return userSource({
      name: `jsonl ${pattern}`,
      records: () => filledLines(files),
      documents: async ({ id, bytes }) => [textDocument(id, json(bytes, row)[field]!)],
    });
  },
});
