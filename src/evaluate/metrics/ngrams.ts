/** Longest n-gram that caption metrics count. */
export const LONGEST = 4;
/** Between two words of an n-gram: a character that no tokenizer leaves inside a word. */
const JOINT = '\u0001';

/** The words of a caption as n-grams are counted: a token with a no-break space (`1 1/2`) is two, as in the scorers. */
export function ngramWords(tokens: readonly string[]): readonly string[] {
  return tokens.some((token) => token.includes('\u00A0')) ? tokens.flatMap((token) => token.split('\u00A0')) : tokens;
}

/** Number of occurrences of every n-gram of 1 to 4 words: [4] count by n-gram. */
export function countNgrams(words: readonly string[]): Map<string, number>[] {
  const counts = Array.from({ length: LONGEST }, () => new Map<string, number>());
  for (let start = 0; start < words.length; start++) {
    let ngram = '';
    for (let n = 0; n < LONGEST && start + n < words.length; n++) {
      ngram += JOINT + words[start + n]!;
      counts[n]!.set(ngram, (counts[n]!.get(ngram) ?? 0) + 1);
    }
  }
  return counts;
}
