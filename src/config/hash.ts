import { createHash } from 'node:crypto';
import { configure } from 'safe-stable-stringify';

/** JSON with sorted keys; throws on a value that JSON cannot say, which would make two identities one. */
const canonicalJson = configure({ deterministic: true, strict: true });

/**
 * A short identity of a value: the first 12 hexadecimal digits of the SHA-256 of its JSON with sorted keys.
 * Two values that differ in the order of keys alone have the same one.
 */
export function hashOf(value: unknown): string {
  const json = canonicalJson(value);
  if (json === undefined) throw new Error('a value that JSON cannot say has no hash');
  return createHash('sha256').update(json).digest('hex').slice(0, 12);
}
