import { createHash } from 'node:crypto';
import { configure } from 'safe-stable-stringify';

const stringify = configure({ deterministic: true, strict: true });

/**
 * JSON with sorted keys.
 * @throws Error for a value that JSON cannot say, which would make two identities one
 */
export function canonicalJson(value: unknown): string {
  const json = stringify(value);
  if (json === undefined) throw new Error('a value that JSON cannot say has no hash');
  return json;
}

/**
 * A short identity of a value: the first 12 hexadecimal digits of the SHA-256 of its JSON with sorted keys.
 * Two values that differ in the order of keys alone have the same one.
 */
export function hashOf(value: unknown): string {
  return createHash('sha256').update(canonicalJson(value)).digest('hex').slice(0, 12);
}
