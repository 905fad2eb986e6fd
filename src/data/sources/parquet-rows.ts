import { open, stat } from 'node:fs/promises';
import {
  type AsyncBuffer,
  type FileMetaData,
  parquetMetadataAsync,
  parquetReadObjects,
  parquetSchema,
} from 'hyparquet';
import { compressors as allCompressors } from 'hyparquet-compressors';
import { Mm1Error } from '../../errors.js';
import { messageOf } from '../render.js';
import type { DataFile } from './files.js';

/**
 * Most bytes of the columns that are read of one row group, decompressed. A row group is in memory whole: with this many
 * bytes the process takes 300 MB, with twice as many 470 MB (measured with pictures in Snappy).
 */
const LARGEST_GROUP = 64 << 20;

/** But for Snappy, which the library has itself: the faster one holds every page twice more in memory. */
const { SNAPPY: _, ...compressors } = allCompressors;

/** What a column must hold: a text or a list of texts; a picture's content, or a struct of its content and path. */
export type ColumnForm = 'text' | 'image';

/** A Parquet file whose columns are as expected. */
export interface ParquetTable {
  readonly file: DataFile;
  readonly metadata: FileMetaData;
  readonly columns: readonly string[];
}

/** One row; texts are bytes still. */
export interface ParquetRow {
  /** The file and the row's number. */
  readonly id: string;
  /** The Parquet file's path. */
  readonly file: string;
  readonly cells: Readonly<Record<string, unknown>>;
}

type Column = ReturnType<typeof parquetSchema>;

/**
 * Reads a file's footer and checks that the columns are there.
 * @throws Mm1Error E_DATA where it is no Parquet, a column is missing or of another form, or a row group has no room in memory
 */
export async function openParquet(file: DataFile, expected: ReadonlyMap<string, ColumnForm>): Promise<ParquetTable> {
  const metadata = await readable(file, async () => parquetMetadataAsync(await bytesOf(file.path)));
  const found = parquetSchema(metadata).children;
  const holds = [...expected].every(([name, form]) => {
    const column = found.find(({ element }) => element.name === name);
    return column !== undefined && FORMS[form](column);
  });
  if (holds) {
    const columns = [...expected.keys()];
    refuseLargeGroups(file, metadata, columns);
    return { file, metadata, columns };
  }
  const have = found.map((column) => `${column.element.name} (${describeColumn(column)})`);
  const want = [...expected].map(([name, form]) => `${name} (${form})`);
  throw new Mm1Error(`A Parquet file has other columns: found ${have.join(', ')}; expected ${want.join(', ')}`, {
    code: 'E_DATA',
    where: file.path,
    remedy: 'Name the columns in the grid: image and caption, question and answer, or text.',
  });
}

/**
 * The rows of a file, one row group after another.
 * @throws Mm1Error E_DATA where it is damaged
 */
export async function* parquetRows({ file, metadata, columns }: ParquetTable): AsyncGenerator<ParquetRow> {
  let row = 0;
  for (const group of metadata.row_groups) {
    const rowEnd = row + Number(group.num_rows);
    const rows = await readable(file, async () =>
      parquetReadObjects({
        file: await bytesOf(file.path),
        metadata,
        columns: [...columns],
        rowStart: row,
        rowEnd,
        compressors,
        parsers: { stringFromBytes: (bytes) => bytes }, // decoded by us: the library's decoder lets invalid UTF-8 pass
      }),
    );
    for (const cells of rows) yield { id: `${file.name}:${row++}`, file: file.path, cells };
  }
}

function refuseLargeGroups(file: DataFile, { row_groups }: FileMetaData, columns: readonly string[]): void {
  for (const [number, { columns: chunks }] of row_groups.entries()) {
    const bytes = chunks.reduce((sum, { meta_data }) => {
      if (!meta_data || !columns.includes(meta_data.path_in_schema[0]!)) return sum;
      return sum + Number(meta_data.total_uncompressed_size);
    }, 0);
    if (bytes <= LARGEST_GROUP) continue;
    const size = `${Math.ceil(bytes / 2 ** 20)} MiB`;
    throw new Mm1Error(`Row group ${number} of a Parquet file holds ${size}: ${LARGEST_GROUP >> 20} MiB is the most`, {
      code: 'E_DATA',
      where: file.path,
      remedy: 'Write the file again with fewer rows in a group (row_group_size in pyarrow).',
    });
  }
}

/** A file's bytes, each range in a buffer of its own size: the library's reader takes twice the room. */
async function bytesOf(path: string): Promise<AsyncBuffer> {
  const { size } = await stat(path);
  return {
    byteLength: size,
    async slice(start, end = size) {
      const bytes = new Uint8Array(end - start);
      const file = await open(path);
      try {
        for (let at = 0; at < bytes.length; ) {
          const { bytesRead } = await file.read(bytes, at, bytes.length - at, start + at);
          if (bytesRead === 0) throw new Error('it ends too early');
          at += bytesRead;
        }
      } finally {
        await file.close();
      }
      return bytes.buffer;
    },
  };
}

const FORMS: Record<ColumnForm, (column: Column) => boolean> = {
  text: (column) => isText(column) || (isList(column) && isText(leafOf(column))),
  image: (column) =>
    column.element.type === 'BYTE_ARRAY'
      ? !isText(column)
      : column.children.some(({ element }) => element.name === 'bytes'),
};

function isText({ element }: Column): boolean {
  return element.converted_type === 'UTF8' || element.logical_type?.type === 'STRING';
}

function isList({ element }: Column): boolean {
  return element.converted_type === 'LIST' || element.logical_type?.type === 'LIST';
}

function leafOf(column: Column): Column {
  return column.children[0] ? leafOf(column.children[0]) : column;
}

function describeColumn(column: Column): string {
  const { type, converted_type, logical_type } = column.element;
  return (logical_type?.type ?? converted_type ?? type ?? 'struct').toLowerCase();
}

async function readable<T>(file: DataFile, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (cause) {
    throw new Mm1Error(`A Parquet file cannot be read: ${messageOf(cause)}`, {
      code: 'E_DATA',
      where: file.path,
      remedy: 'Fetch the file again, or leave it out of the pattern.',
      cause,
    });
  }
}
