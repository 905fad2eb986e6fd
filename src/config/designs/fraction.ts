import type { Axis } from '../plan.js';
import type { Cell, DesignMaker } from './design.js';

/**
 * A factor of a prime number of levels: an axis of two, three, five or seven values is one, an axis of four is two of two,
 * of six one of two and one of three.
 */
interface Factor {
  readonly axis: number;
  readonly prime: number;
}

/** A character of the factors' group: an exponent for each factor. It stands for the effects of the axes that it touches. */
type Word = readonly number[];

/** Most characters that are looked through. */
const MOST_WORDS = 2 ** 16;
/** Most effects that are looked at for aliases: those of one axis and of two. */
const ORDER = 2;

/**
 * A regular fraction of the full design (Box and Hunter, 1961; for mixed levels by factors of prime order): the cells on which
 * certain characters, the defining words, are constant. Every level of an axis comes equally often, and every combination of
 * any `resolution - 1` axes does. The words are gathered greedily, shortest allowed first: the fraction is small, not proven
 * to be the smallest.
 */
export const fraction: DesignMaker = ({ axes, resolution }) => {
  const factors = axes.flatMap(({ values }, axis) => primesOf(values.length).map((prime): Factor => ({ axis, prime })));
  const defining = definingWords(factors, resolution);
  const cells: Cell[] = [];
  for (const levels of combinationsOf(factors)) {
    if (defining.basis.every((word) => evaluate(word, levels, factors) === 0))
      cells.push(cellOf(levels, factors, axes));
  }
  const confounded = aliases(defining.group, factors, axes);
  return { cells, design: { kind: 'fraction', resolution, confounded } };
};

function primesOf(count: number): number[] {
  const primes: number[] = [];
  let rest = count;
  for (let prime = 2; rest > 1; prime++) {
    for (; rest % prime === 0; rest /= prime) primes.push(prime);
  }
  return primes;
}

/** All level combinations, the last factor changing fastest. */
function* combinationsOf(factors: readonly Factor[]): Generator<Word> {
  const levels = factors.map(() => 0);
  for (;;) {
    yield [...levels];
    let place = factors.length - 1;
    while (place >= 0 && levels[place] === factors[place]!.prime - 1) levels[place--] = 0;
    if (place < 0) return;
    levels[place]!++;
  }
}

/** A word's value at a cell: 0 where every prime's part of it vanishes. Words of one prime alone are used. */
function evaluate(word: Word, levels: Word, factors: readonly Factor[]): number {
  const place = word.findIndex((exponent) => exponent > 0);
  if (place < 0) return 0;
  const { prime } = factors[place]!;
  return word.reduce((sum, exponent, i) => sum + exponent * levels[i]!, 0) % prime;
}

const touched = (word: Word, factors: readonly Factor[]): number =>
  new Set(word.flatMap((exponent, i) => (exponent > 0 ? [factors[i]!.axis] : []))).size;

/** Words of one prime, by how many axes they touch: the group of characters falls apart into its primes. */
function wordsOf(prime: number, factors: readonly Factor[], least: number): Word[] {
  const own = factors.filter((factor) => factor.prime === prime);
  if (prime ** own.length > MOST_WORDS) return [];
  const words: Word[] = [];
  for (const exponents of combinationsOf(own)) {
    const word = factors.map((factor) => (factor.prime === prime ? exponents[own.indexOf(factor)]! : 0));
    if (touched(word, factors) >= least) words.push(word);
  }
  return words.sort((a, b) => touched(a, factors) - touched(b, factors));
}

/** Words that are constant on the fraction, each touching enough axes: all but the empty one, and some whose sums they are. */
function definingWords(factors: readonly Factor[], resolution: number): { group: Word[]; basis: Word[] } {
  const found: Word[] = [];
  const basis: Word[] = [];
  for (const prime of new Set(factors.map((factor) => factor.prime))) {
    const zero: Word = factors.map(() => 0);
    let group: Word[] = [zero];
    for (const word of wordsOf(prime, factors, resolution)) {
      const grown = Array.from({ length: prime - 1 }, (_, i) =>
        group.map((member) => member.map((exponent, at) => (exponent + (i + 1) * word[at]!) % prime)),
      ).flat();
      if (group.some((member) => member.every((exponent, at) => exponent === word[at]))) continue;
      if (!grown.every((member) => touched(member, factors) >= resolution)) continue;
      group = [...group, ...grown];
      basis.push(word);
    }
    found.push(...group.slice(1));
  }
  return { group: found, basis };
}

function cellOf(levels: Word, factors: readonly Factor[], axes: readonly Axis[]): Cell {
  const entries = axes.map(({ path, values }, axis): [string, Cell[string]] => {
    const index = factors.reduce((sum, factor, i) => (factor.axis === axis ? sum * factor.prime + levels[i]! : sum), 0);
    return [path, values[index]!];
  });
  return Object.fromEntries(entries);
}

/** Effects of one or two axes that share a character on this fraction, and so cannot be told apart. */
function aliases(defining: readonly Word[], factors: readonly Factor[], axes: readonly Axis[]): string[][][] {
  const classes = new Map<string, Set<string>>();
  const name = (support: readonly number[]) => JSON.stringify(support);
  const supportOf = (word: Word) => [
    ...new Set(word.flatMap((exponent, i) => (exponent > 0 ? [factors[i]!.axis] : []))),
  ];
  for (const prime of new Set(factors.map((factor) => factor.prime))) {
    const words = defining.filter((word) => word.some((exponent, i) => exponent > 0 && factors[i]!.prime === prime));
    if (words.length === 0) continue;
    for (const effect of wordsOf(prime, factors, 1)) {
      const support = supportOf(effect);
      if (support.length > ORDER) continue;
      for (const word of words) {
        const other = supportOf(effect.map((exponent, i) => (exponent + word[i]!) % prime));
        if (other.length > ORDER || name(other) === name(support)) continue;
        const joined = new Set([
          ...(classes.get(name(support)) ?? [name(support)]),
          ...(classes.get(name(other)) ?? [name(other)]),
        ]);
        for (const member of joined) classes.set(member, joined);
      }
    }
  }
  return [...new Set(classes.values())].map((members) =>
    [...members].sort().map((member) => (JSON.parse(member) as number[]).map((axis) => axes[axis]!.path)),
  );
}
