import { z } from 'zod';
import { coco } from './coco.js';
import { interleaved } from './interleaved-jsonl.js';
import { jsonl } from './jsonl.js';
import type { SourceFiles, SourceKind } from './kind.js';
import { llava } from './llava.js';
import { parquet } from './parquet.js';
import type { Source, SourceDocument } from './source.js';
import { text } from './text.js';
import { vqa } from './vqa.js';
import { webdataset } from './webdataset.js';

/** Every format of somebody's own data, by its name in a grid. */
const KINDS = { webdataset, coco, vqa, llava, interleaved, parquet, jsonl, text };

export type SourceKindName = keyof typeof KINDS;
export const SOURCE_KINDS = Object.keys(KINDS) as readonly SourceKindName[];

/** What a grid says of a source: `{ webdataset: "shards/{0000..0099}.tar" }`, one format with its options. */
export const sourceSchema = z
  .strictObject(
    Object.fromEntries(SOURCE_KINDS.map((name) => [name, KINDS[name].schema.optional()])) as {
      [Name in SourceKindName]: z.ZodOptional<(typeof KINDS)[Name]['schema']>;
    },
  )
  .refine((spec) => Object.values(spec).filter((options) => options !== undefined).length === 1, {
    error: `must name one format: ${SOURCE_KINDS.join(', ')}`,
  });

export type SourceSpec = z.output<typeof sourceSchema>;

/**
 * Opens a source of somebody's own data. All of its files are looked for now; what they hold is read as it is asked for.
 * @param folder the grid's own: relative paths start there
 * @throws Mm1Error E_DATA where a file is missing, or is a Parquet of other columns
 */
export async function openSource(spec: SourceSpec, folder: string): Promise<Source> {
  const { kind, options } = named(spec);
  return kind.open(options, folder);
}

/**
 * Finds a source's files, and says which kinds of documents they give. No file is read.
 * @param folder the grid's own: relative paths start there
 * @throws Mm1Error E_DATA where a file or the folder of the pictures is missing
 */
export function findSource(
  spec: SourceSpec,
  folder: string,
): SourceFiles & { readonly kinds: readonly SourceDocument['kind'][] } {
  const { kind, options } = named(spec);
  return { ...kind.files(options, folder), kinds: kind.gives(options) };
}

/** The one format that a source names, and its options. */
function named(spec: SourceSpec): { kind: SourceKind<z.ZodUnknown>; options: unknown } {
  for (const name of SOURCE_KINDS) {
    if (spec[name] !== undefined)
      return { kind: KINDS[name] as unknown as SourceKind<z.ZodUnknown>, options: spec[name] };
  }
  throw new Error('a source without a format');
}
