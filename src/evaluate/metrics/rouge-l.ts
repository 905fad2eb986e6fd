import { type CaptionScores, checkCaptions, mean } from './caption-set.js';

/** Weight of recall against precision. */
const BETA = 1.2;

/**
 * ROUGE-L (Lin 2004) to the letter of the scorer that caption papers use (pycocoevalcap's Rouge, beta 1.2): the longest
 * common subsequence with each reference gives a precision and a recall, the best of each over the references (they may
 * be of two) are joined in an F score, 0..1. A caption without words counts as one empty word, as it does there.
 *
 * @param candidates tokens of each item's caption: [items][words]
 * @param references tokens of each item's references, at least one an item: [items][references][words]
 * @throws RangeError when there is no item, an item without a reference, or the two differ in length
 */
export function rougeL(candidates: readonly string[][], references: readonly string[][][]): CaptionScores {
  checkCaptions('ROUGE-L', candidates, references);
  const items = candidates.map((candidate, item) => score(candidate, references[item]!));
  return { mean: mean(items), items };
}

function score(candidate: readonly string[], references: readonly string[][]): number {
  const words = orEmptyWord(candidate);
  let [precision, recall] = [0, 0];
  for (const reference of references) {
    const others = orEmptyWord(reference);
    const common = commonSubsequence(words, others);
    precision = Math.max(precision, common / words.length);
    recall = Math.max(recall, common / others.length);
  }
  return precision === 0 ? 0 : ((1 + BETA ** 2) * precision * recall) / (recall + BETA ** 2 * precision);
}

function orEmptyWord(words: readonly string[]): readonly string[] {
  return words.length === 0 ? [''] : words;
}

/** Length of the longest common subsequence of two lists of words. */
function commonSubsequence(a: readonly string[], b: readonly string[]): number {
  // [j] for the first i words of a and the first j words of b
  const lengths = new Uint32Array(b.length + 1);
  for (const word of a) {
    let diagonal = 0;
    for (let j = 1; j <= b.length; j++) {
      const above = lengths[j]!;
      lengths[j] = word === b[j - 1] ? diagonal + 1 : Math.max(above, lengths[j - 1]!);
      diagonal = above;
    }
  }
  return lengths[b.length]!;
}
