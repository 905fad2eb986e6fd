import { dirname } from 'node:path';
import { z } from 'zod';
import { utf8 } from './bytes.js';
import { captionDocument, questionDocument, textDocument } from './documents.js';
import { dataFiles, inside } from './files.js';
import { path, shortened, sourceKind } from './kind.js';
import { LeftOut } from './left-out.js';
import { type ColumnForm, openParquet, type ParquetRow, parquetRows } from './parquet-rows.js';
import { userSource } from './user-source.js';

const column = z.string().min(1);

const bytes = z.instanceof(Uint8Array);
/** Hugging Face's Image feature: the file's content, or where it lies; or the content alone. */
const imageCell = z.union([
  bytes.transform((content) => ({ bytes: content, path: null })),
  z.object({ bytes: bytes.nullish(), path: bytes.nullish() }),
]);
/** One text, or a list of them. */
const textCell = z.union([bytes.transform((text) => [text]), z.array(bytes)]);

/**
 * Hugging Face Parquet: pictures with captions; with questions and answers where `question` and `answer` name their
 * columns; or text alone where `text` names its column. One row group is in memory at a time;
 * one of more than 64 MiB is refused.
 */
export const parquet = sourceKind({
  schema: shortened(
    'files',
    z
      .strictObject({
        files: path,
        image: column.default('image'),
        caption: column.default('text'),
        question: column.optional(),
        answer: column.optional(),
        text: column.optional(),
      })
      .refine(({ question, answer }) => (question === undefined) === (answer === undefined), {
        error: 'question and answer belong together',
      }),
  ),
  gives: ({ question, text }) => [text !== undefined ? 'text' : question !== undefined ? 'question' : 'caption'],
  files: (options, folder) => ({ files: dataFiles(options.files, folder) }),
  async open(options, folder) {
    const { question, answer, text } = options;
    const asked = question !== undefined && answer !== undefined;
    const texts = text !== undefined ? [text] : asked ? [question, answer] : [options.caption];
    const expected = new Map<string, ColumnForm>(texts.map((name) => [name, 'text']));
    if (text === undefined) expected.set(options.image, 'image');
    const files = dataFiles(options.files, folder);
    const tables = await Promise.all(files.map((file) => openParquet(file, expected)));
    return userSource<ParquetRow>({
      name: `parquet ${options.files}`,
      async *records() {
        for (const table of tables) yield* parquetRows(table);
      },
      async documents({ id, file, cells }, openImage) {
        const [first, second] = texts.map((name) => textsOf(cells[name]));
        if (text !== undefined) return [textDocument(id, first!.join('\n'))];
        const image = async () => openImage(`${id}/image`, imageOf(cells[options.image], dirname(file)));
        if (asked) return [await questionDocument(id, image, first!.join('\n'), second!)];
        return [await captionDocument(id, image, first!)];
      },
    });
  },
});

function textsOf(cell: unknown): string[] {
  if (cell === null || cell === undefined) return [];
  const parsed = textCell.safeParse(cell);
  if (!parsed.success) throw new LeftOut('other fields than the format has');
  return parsed.data.map(utf8);
}

/** Its content, copied out of the row group's page so that the page can go; or its path, beside the Parquet file. */
function imageOf(cell: unknown, folder: string): Buffer | string {
  const parsed = imageCell.safeParse(cell);
  if (!parsed.success) throw new LeftOut('no image');
  if (parsed.data.bytes) return Buffer.from(parsed.data.bytes);
  if (parsed.data.path) return inside(folder, utf8(parsed.data.path));
  throw new LeftOut('no image');
}
