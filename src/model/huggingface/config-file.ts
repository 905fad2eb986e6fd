import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { Mm1Error } from '../../errors.js';

/** Ids of a tokenizer's special tokens, as config.json names them. */
export interface SpecialTokens {
  readonly bos_token_id: number | null;
  readonly eos_token_id: number | readonly number[] | null;
  readonly pad_token_id: number | null;
}

/** A width, a count or a length. */
export const size = z
  .int()
  .positive()
  .max(2 ** 31 - 1);
/** A number of layers: a list of weights is made from it before any weight is seen. */
export const layers = size.max(1000);
export const epsilon = z.number().positive();
const id = z.int().nonnegative();
export const tokenId = id.nullable();
export const tokenIds = z.union([id, z.array(id)]).nullable();

/** config.json and the index of a checkpoint are smaller. */
const LARGEST_JSON = 32 << 20;

/**
 * Reads a JSON file of a checkpoint's folder.
 * @throws Mm1Error E_CHECKPOINT if it cannot be read, or is not what `schema` asks for
 */
export function readJson<T extends z.ZodType>(folder: string, name: string, schema: T): z.output<T> {
  const file = join(folder, name);
  let json: unknown;
  try {
    json = JSON.parse(readText(file));
  } catch (cause) {
    throw badConfig(folder, name, `${name} cannot be read`, cause);
  }
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map(({ path, message }) => `${path.join('.') || name}: ${message}`);
  throw badConfig(folder, name, faults.slice(0, 10).join('; '));
}

function readText(file: string): string {
  const descriptor = openSync(file, 'r');
  try {
    const { size: bytes } = fstatSync(descriptor);
    if (bytes > LARGEST_JSON) throw new Error(`${bytes} bytes`);
    const text = Buffer.alloc(bytes);
    return text.toString('utf8', 0, readSync(descriptor, text, 0, bytes, 0));
  } finally {
    closeSync(descriptor);
  }
}

/** What is wrong with a JSON file of a checkpoint. */
export function badConfig(folder: string, name: string, what: string, cause?: unknown): Mm1Error {
  return new Mm1Error(what, {
    code: 'E_CHECKPOINT',
    where: join(folder, name),
    remedy: `Name a folder that holds ${name} and the weights of a CLIP, Llama or Mixtral model as Hugging Face writes them.`,
    cause,
  });
}
