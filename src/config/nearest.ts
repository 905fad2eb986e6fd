import { closest, distance } from 'fastest-levenshtein';

/** Names longer than this are no slip of the hand, and comparing them would take long. */
const LONGEST = 80;

/**
 * What to say after a name that does not exist: the nearest valid one, or all of them where none is near.
 *
 * @param typed what the person wrote
 * @param valid the names that exist, at least one
 */
export function suggest(typed: string, valid: readonly string[]): string {
  const name = nearest(typed, valid);
  return name === undefined ? `valid: ${valid.join(', ')}` : `did you mean "${name}"?`;
}

/** The valid name that was most likely meant; undefined when none is near. */
export function nearest(typed: string, valid: readonly string[]): string | undefined {
  if (typed.length > LONGEST || valid.length === 0) return undefined;
  const lower = typed.toLowerCase();
  // A setting's last word alone ("tokens" for "connector.tokens") counts as near.
  const byLastWord = valid.find((name) => name.slice(name.lastIndexOf('.') + 1) === lower);
  if (byLastWord !== undefined) return byLastWord;
  const best = closest(lower, valid);
  const longest = Math.max(lower.length, best.length);
  return distance(lower, best) <= Math.max(1, Math.floor(longest * 0.4)) ? best : undefined;
}
