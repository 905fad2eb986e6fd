/** Longest n-gram that is counted. */
const LONGEST = 4;
/** Width of the Gaussian that punishes a difference in length. */
const SIGMA = 6;
/** Between two words of an n-gram: a character that no tokenizer leaves inside a word. */
const JOINT = '\u0001';

/** Scores of a set of captions in the scorer's own unit, 0..10; papers report it x 100. */
export interface CiderD {
  /** The corpus score: the mean of the items. */
  readonly mean: number;
  /** [items] */
  readonly items: readonly number[];
}

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
 * (pycocoevalcap's CiderScorer with n = 4 and sigma = 6). Document frequencies come from the references of the set
 * itself, so the score of a subset is not comparable with that of the whole, and a set of one item scores 0.
 * Time is linear in the number of words.
 *
 * @param candidates tokens of each item's caption: [items][words]
 * @param references tokens of each item's references, at least one an item: [items][references][words]
 * @throws RangeError when there is no item, an item without a reference, or the two differ in length
 */
export function ciderD(candidates: readonly string[][], references: readonly string[][][]): CiderD {
  if (candidates.length === 0) throw new RangeError('CIDEr-D of no items at all');
  if (candidates.length !== references.length) {
    throw new RangeError(`CIDEr-D of ${candidates.length} captions against ${references.length} lists of references`);
  }
  const counted = references.map((list) => list.map(countNgrams));
  const frequency = documentFrequency(counted);
  const logItems = Math.log(candidates.length);
  const items = candidates.map((tokens, index) => {
    const list = counted[index]!;
    if (list.length === 0) throw new RangeError(`item ${index} has no reference`);
    const candidate = vectorise(countNgrams(tokens), frequency, logItems);
    let sum = 0;
    for (const counts of list) sum += similarity(candidate, vectorise(counts, frequency, logItems));
    return (sum / list.length) * 10;
  });
  return { mean: items.reduce((sum, value) => sum + value, 0) / items.length, items };
}

/** Number of occurrences of every n-gram of 1 to 4 words: [4] count by n-gram. */
function countNgrams(tokens: readonly string[]): Map<string, number>[] {
  const counts = Array.from({ length: LONGEST }, () => new Map<string, number>());
  for (let start = 0; start < tokens.length; start++) {
    let ngram = '';
    for (let n = 0; n < LONGEST && start + n < tokens.length; n++) {
      ngram += JOINT + tokens[start + n]!;
      counts[n]!.set(ngram, (counts[n]!.get(ngram) ?? 0) + 1);
    }
  }
  return counts;
}

/** In how many items' references each n-gram occurs. */
function documentFrequency(counted: readonly Map<string, number>[][][]): Map<string, number> {
  const frequency = new Map<string, number>();
  for (const list of counted) {
    const seen = new Set(list.flatMap((counts) => counts.flatMap((byNgram) => [...byNgram.keys()])));
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
