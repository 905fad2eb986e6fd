/** The 32 marks of ASCII. */
const PUNCTUATION = /[!-/:-@[-`{-~]/g;
/** A letter or figure of any script beside it makes `a` part of a word. */
const ARTICLE = /(?<![\p{L}\p{N}_])(?:a|an|the)(?![\p{L}\p{N}_])/gu;

/**
 * Whether an answer is one of the right ones after normalisation.
 *
 * @param references right answers, at least one
 * @returns 1 or 0
 * @throws RangeError without references
 */
export function exactMatch(answer: string, references: readonly string[]): number {
  if (references.length === 0) throw new RangeError('exact match against no reference');
  const said = normaliseText(answer);
  return references.some((reference) => normaliseText(reference) === said) ? 1 : 0;
}

/**
 * An answer as SQuAD's scorer compares it (Rajpurkar et al. 2016), in this order: lower case, without ASCII
 * punctuation (so `don't` is `dont`), without the words a, an, the, and with single blanks between words.
 * lm-eval-harness gives the same for `exact_match` with ignore_case and ignore_punctuation, save for the articles and
 * blanks.
 */
function normaliseText(text: string): string {
  return text.toLowerCase().replace(PUNCTUATION, '').replace(ARTICLE, ' ').trim().replace(/\s+/g, ' ');
}
