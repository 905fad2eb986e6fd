import { checkCaptions } from './caption-set.js';
import { countNgrams, LONGEST, ngramWords } from './ngrams.js';

/** Keep a caption without a match above 0, and one without words at 0: the reference scorer's own, seen in its values. */
const TINY = 1e-15;
const SMALL = 1e-9;

/** BLEU-1 to BLEU-4 of a set of captions, 0..1. */
export interface Bleu {
  /** [4] of the whole set: matches and lengths are summed before they are divided. */
  readonly corpus: readonly number[];
  /** [items][4] */
  readonly items: readonly (readonly number[])[];
}

/** What BLEU counts; adds up over captions. */
interface Counts {
  /** Words of the caption. */
  length: number;
  /** Words of the reference that is nearest in length. */
  referenceLength: number;
  /** [4] n-grams of the caption that some reference holds, each at most as often as it stands there */
  readonly matches: number[];
  /** [4] n-grams of the caption */
  readonly ngrams: number[];
}

/**
 * BLEU-1..4 (Papineni et al. 2002) to the letter of the scorer that caption papers use (pycocoevalcap's Bleu): clipped
 * n-gram precisions, their geometric mean, and a brevity penalty against the reference nearest in length, the shorter
 * of two that are equally near. The corpus score is not the mean of the items.
 *
 * @param candidates tokens of each item's caption: [items][words]
 * @param references tokens of each item's references, at least one an item: [items][references][words]
 * @throws RangeError when there is no item, an item without a reference, or the two differ in length
 */
export function bleu(candidates: readonly string[][], references: readonly string[][][]): Bleu {
  checkCaptions('BLEU', candidates, references);
  const zeros = () => new Array<number>(LONGEST).fill(0);
  const total: Counts = { length: 0, referenceLength: 0, matches: zeros(), ngrams: zeros() };
  const items = candidates.map((candidate, item) => {
    const counts = count(ngramWords(candidate), references[item]!.map(ngramWords));
    total.length += counts.length;
    total.referenceLength += counts.referenceLength;
    for (let n = 0; n < LONGEST; n++) {
      total.matches[n]! += counts.matches[n]!;
      total.ngrams[n]! += counts.ngrams[n]!;
    }
    return score(counts);
  });
  return { corpus: score(total), items };
}

function count(candidate: readonly string[], references: readonly (readonly string[])[]): Counts {
  const counted = references.map(countNgrams);
  const matches = countNgrams(candidate).map((byNgram, n) => {
    let sum = 0;
    for (const [ngram, times] of byNgram) {
      sum += Math.min(times, Math.max(...counted.map((counts) => counts[n]!.get(ngram) ?? 0)));
    }
    return sum;
  });
  const { length } = candidate;
  const nearest = references
    .map((words) => words.length)
    .reduce((best, other) => {
      const nearer = Math.abs(other - length) - Math.abs(best - length);
      return nearer < 0 || (nearer === 0 && other < best) ? other : best;
    });
  return { length, referenceLength: nearest, matches, ngrams: matches.map((_, n) => Math.max(0, length - n)) };
}

/** [4] */
function score({ length, referenceLength, matches, ngrams }: Counts): number[] {
  const ratio = (length + TINY) / (referenceLength + SMALL);
  const penalty = ratio < 1 ? Math.exp(1 - 1 / ratio) : 1;
  let product = 1;
  return matches.map((matching, n) => {
    product *= (matching + TINY) / (ngrams[n]! + SMALL);
    return product ** (1 / (n + 1)) * penalty;
  });
}
