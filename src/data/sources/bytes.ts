import type { z } from 'zod';
import { LeftOut } from './left-out.js';

/** Most bytes that one line, file of an archive or JSON element may have. */
export const LARGEST = 64 * 2 ** 20;

/**
 * The text that some bytes are, without a byte order mark.
 * @throws LeftOut where they are no UTF-8 or more than 64 MiB
 */
export function utf8(bytes: Uint8Array): string {
  if (bytes.length > LARGEST) throw new LeftOut('larger than 64 MiB');
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new LeftOut('invalid UTF-8');
  }
}

/**
 * The value that some bytes of JSON are.
 * @throws LeftOut where they are no JSON, or not of the format's form
 */
export function json<T>(bytes: Uint8Array, schema: z.ZodType<T>): T {
  const text = utf8(bytes);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new LeftOut('invalid JSON');
  }
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw new LeftOut('other fields than the format has');
  return parsed.data;
}

/** Collects bytes up to just past {@link LARGEST}, and forgets the rest: whoever reads them sees that they are too many. */
export class Gathered {
  #parts: Uint8Array[] = [];
  #length = 0;

  add(bytes: Uint8Array): void {
    if (bytes.length === 0 || this.#length > LARGEST) return;
    this.#parts.push(bytes);
    this.#length += bytes.length;
  }

  /** Everything since the last call. */
  take(): Buffer {
    const all = Buffer.concat(this.#parts);
    this.#parts = [];
    this.#length = 0;
    return all;
  }
}
