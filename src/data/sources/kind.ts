import { z } from 'zod';
import type { DataFile } from './files.js';
import type { Source, SourceDocument } from './source.js';

/** What a source is read from. */
export interface SourceFiles {
  readonly files: readonly DataFile[];
  /** Absolute path of the folder that its pictures are in, where they are files of their own. */
  readonly pictures?: string;
}

/** A format as a grid names it. */
export interface SourceKind<Schema extends z.ZodType> {
  /** What stands behind the format's name in the YAML. */
  readonly schema: Schema;
  /** Kinds of the documents that it gives. */
  gives(options: z.output<Schema>): readonly SourceDocument['kind'][];
  /**
   * @param folder the grid's own: relative paths start there
   * @throws Mm1Error E_DATA where a file or the folder of the pictures is missing
   */
  files(options: z.output<Schema>, folder: string): SourceFiles;
  /**
   * @param folder the grid's own: relative paths start there
   * @throws Mm1Error E_DATA where a file is missing or of another form
   */
  open(options: z.output<Schema>, folder: string): Promise<Source>;
}

/** Infers the schema's type. */
export function sourceKind<Schema extends z.ZodType>(kind: SourceKind<Schema>): SourceKind<Schema> {
  return kind;
}

/** A path or pattern. */
export const path = z.string().min(1, { error: 'must be a path' });

/** Options of which the first alone may be written without its name. */
export function shortened<Shape extends z.ZodRawShape>(name: string, schema: z.ZodObject<Shape>) {
  return z.preprocess((value) => (typeof value === 'string' ? { [name]: value } : value), schema);
}
