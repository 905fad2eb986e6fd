import { z } from 'zod';
import type { Source } from './source.js';

/** A format as a grid names it. */
export interface SourceKind<Schema extends z.ZodType> {
  /** What stands behind the format's name in the YAML. */
  readonly schema: Schema;
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
