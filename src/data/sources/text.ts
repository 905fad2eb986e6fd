import { readFile, stat } from 'node:fs/promises';
import { z } from 'zod';
import { Gathered, LARGEST, utf8 } from './bytes.js';
import { textDocument } from './documents.js';
import { type DataFile, dataFiles } from './files.js';
import { path, shortened, sourceKind } from './kind.js';
import { LeftOut } from './left-out.js';
import { filledLines, isBlank, type Line, lines } from './lines.js';
import { userSource } from './user-source.js';

const LINE_FEED = Buffer.from('\n');

/** Plain text: a document is a file, a paragraph (up to an empty line) or a line. */
export const text = sourceKind({
  schema: shortened(
    'files',
    z.strictObject({ files: path, document: z.enum(['file', 'paragraph', 'line']).default('file') }),
  ),
  gives: () => ['text'],
  files: (options, folder) => ({ files: dataFiles(options.files, folder) }),
  async open(options, folder) {
    const files = dataFiles(options.files, folder);
    return userSource<Line>({
      name: `text ${options.files}`,
      async *records() {
        if (options.document === 'line') yield* filledLines(files);
        else for (const file of files) yield* options.document === 'file' ? wholeFile(file) : paragraphs(file);
      },
      documents: async ({ id, bytes }) => [textDocument(id, utf8(bytes))],
    });
  },
});

async function* wholeFile({ name, path }: DataFile): AsyncGenerator<Line | LeftOut> {
  if ((await stat(path)).size > LARGEST) yield new LeftOut('larger than 64 MiB');
  else yield { id: name, bytes: await readFile(path) };
}

async function* paragraphs({ name, path }: DataFile): AsyncGenerator<Line> {
  const paragraph = new Gathered();
  let first = 0; // line that the paragraph begins at; 0 between two
  let number = 0;
  for await (const bytes of lines(path)) {
    number++;
    if (!isBlank(bytes)) {
      if (first === 0) first = number;
      else paragraph.add(LINE_FEED);
      paragraph.add(bytes);
    } else if (first > 0) {
      yield { id: `${name}:${first}`, bytes: paragraph.take() };
      first = 0;
    }
  }
  if (first > 0) yield { id: `${name}:${first}`, bytes: paragraph.take() };
}
