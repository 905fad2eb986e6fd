import { type CaptionScores, checkCaptions, mean } from './caption-set.js';
import { countNgrams, LONGEST, ngramWords } from './ngrams.js';

/** Width of the Gaussian that punishes a difference in length. */
const SIGMA = 6;

/** One caption as tf-idf vectors, one for each length of n-gram. */
interface Vectors {
  /** [4] weight by n-gram */
  readonly weights: readonly ReadonlyMap<string, number>[];
  /** [4] Euclidean length of each */
  readonly norms: readonly number[];
  readonly bigrams: number;
}

/**
 * CIDEr-D of a corpus (Vedantam et al. 2015, section 4 and 5.2), to the letter of the scorer that papers use
 * (pycocoevalcap's CiderScorer with n = 4 and sigma = 6), in its own unit, 0..10; papers report it x 100. Document
 * frequencies come from the references of the set itself, so the score of a subset is not comparable with that of the
 * whole, and a set of one item scores 0.
 * Time is linear in the number of words.
 *
 * @param candidates tokens of each item's caption: [items][words]
 * @param references tokens of each item's references, at least one an item: [items][references][words]
 * @throws RangeError when there is no item, an item without a reference, or the two differ in length
 */
export function ciderD(candidates: readonly string[][], references: readonly string[][][]): CaptionScores {
  checkCaptions('CIDEr-D', candidates, references);
  const counted = references.map((list) => list.map((tokens) => countNgrams(ngramWords(tokens))));
  const frequency = documentFrequency(counted);
  const logItems = Math.log(candidates.length);
  const items = candidates.map((tokens, item) => {
    const list = counted[item]!;
    const candidate = vectorise(countNgrams(ngramWords(tokens)), frequency, logItems);
    let sum = 0;
    for (const counts of list) sum += similarity(candidate, vectorise(counts, frequency, logItems));
    return (sum / list.length) * 10;
  });
  return { mean: mean(items), items };
}

/** In how many items' references each n-gram occurs. */
function documentFrequency(counted: readonly Map<string, number>[][][]): Map<string, number> {
  const frequency = new Map<string, number>();
  for (const list of counted) {
    const seen = new Set<string>();
    for (const counts of list) for (const byNgram of counts) for (const ngram of byNgram.keys()) seen.add(ngram);
    for (const ngram of seen) frequency.set(ngram, (frequency.get(ngram) ?? 0) + 1);
  }
  return frequency;
}

function vectorise(
  counts: readonly ReadonlyMap<string, number>[],
  frequency: ReadonlyMap<string, number>,
  logItems: number,
): Vectors {
  const weights = counts.map((byNgram) => {
    const vector = new Map<string, number>();
    for (const [ngram, count] of byNgram) {
      vector.set(ngram, count * (logItems - Math.log(Math.max(1, frequency.get(ngram) ?? 0))));
    }
    return vector;
  });
  const norms = weights.map((vector) => Math.sqrt([...vector.values()].reduce((sum, weight) => sum + weight ** 2, 0)));
  // The reference scorer takes the number of bigrams, not of words, for a caption's length.
  const bigrams = [...counts[1]!.values()].reduce((sum, count) => sum + count, 0);
  return { weights, norms, bigrams };
}

/** Clipped cosine of two captions, times the penalty on their difference in length, mean over the four lengths: 0..1. */
function similarity(candidate: Vectors, reference: Vectors): number {
  const penalty = Math.exp(-((candidate.bigrams - reference.bigrams) ** 2) / (2 * SIGMA ** 2));
  let sum = 0;
  for (let n = 0; n < LONGEST; n++) {
    let product = 0;
    for (const [ngram, weight] of candidate.weights[n]!) {
      const other = reference.weights[n]!.get(ngram);
      // A candidate that repeats a word of the reference gains nothing by it: the "D" of CIDEr-D.
      if (other !== undefined) product += Math.min(weight, other) * other;
    }
    const norm = candidate.norms[n]! * reference.norms[n]!;
    sum += norm === 0 ? 0 : (product / norm) * penalty;
  }
  return sum / LONGEST;
}
