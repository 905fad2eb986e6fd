import type { Sample } from './crossed.js';
import { difference, spreadOf } from './crossed.js';
import { mean, variance } from './descriptive.js';
import { type Part, pooled, pValue, reach, type Spread } from './spread.js';

/** A difference of two means, with what is known of it. */
export interface Comparison {
  readonly difference: number;
  /** Ends of the 95% interval. */
  readonly low: number;
  readonly high: number;
  /** Two-sided; not corrected for how many comparisons are made. */
  readonly p: number;
  /** The least margin within which the two are equal by two one-sided tests at 5% (Schuirmann, 1987): ends of the 90% interval. */
  readonly equalWithin: number;
  /** The difference that a design as noisy as this one finds four times in five (two-sided 5%, power 80%). */
  readonly detectable: number;
  readonly spread: Spread;
}

/** @returns null where nothing is known of the spread */
export function comparison(centre: number, spread: Spread | null): Comparison | null {
  if (spread === null) return null;
  const half = reach(spread, 0.975);
  return {
    difference: centre,
    low: centre - half,
    high: centre + half,
    p: pValue(centre, spread),
    equalWithin: Math.abs(centre) + reach(spread, 0.95),
    detectable: half + reach(spread, 0.8),
    spread,
  };
}

/**
 * What one sample scores more than another of the same seeds and items, paired by both.
 * @param seedParts what seeds bring to the variance of the difference, where more is known of it than these samples say
 */
export function compare(a: Sample, b: Sample, seedParts?: readonly Part[]): Comparison | null {
  const paired = { ...difference(a, b), seedParts };
  return comparison(mean(paired.values), spreadOf(paired));
}

/**
 * The same of samples whose seeds have nothing to do with each other: means over seeds, with the variances of Welch (1947); the
 * spread over items is that of the paired differences of the seeds' means.
 */
export function compareIndependent(a: Sample, b: Sample): Comparison | null {
  const centre = mean(a.values) - mean(b.values);
  const ofSeeds = [a, b].flatMap(({ values: { length }, values }) =>
    length > 1 ? [{ variance: variance(values) / length, degrees: length - 1 }] : [],
  );
  const items = spreadOf(difference(overSeeds(a), overSeeds(b)));
  const parts = [...(ofSeeds.length === 2 ? [pooled(ofSeeds)] : []), ...(items?.parts ?? [])];
  if (parts.length === 0) return null;
  const kind = ofSeeds.length < 2 ? 'items' : items ? 'seeds and items' : 'seeds';
  return comparison(centre, { kind, parts });
}

/** A sample as if it were one seed's: means over the seeds. */
function overSeeds({ values, answers, concepts }: Sample): Sample {
  const tasks = concepts.map((_, t) => {
    const known = answers.map((seed) => seed[t]!);
    return known[0]?.map((_, i) => mean(known.map((own) => own[i]!))) ?? new Float64Array();
  });
  return { values: [mean(values)], answers: [tasks], concepts };
}

/**
 * How many seeds would find a difference of `margin` four times in five (two-sided 5%), by the spread that was measured over `seeds`:
 * what seeds bring shrinks with their number, what items bring does not.
 * @returns Infinity where more seeds cannot, for the items are too few; null where one seed does not say how much training varies
 */
export function seedsNeeded({ spread }: Comparison, seeds: number, margin: number): number | null {
  if (spread.kind === 'items' || seeds < 2) return null;
  const ofSeeds = spread.kind === 'seeds' ? spread.parts : spread.parts.slice(0, -1);
  const ofItems = spread.parts.slice(ofSeeds.length);
  const finds = (count: number): boolean => {
    const grown = (count - 1) / (seeds - 1);
    const parts = [
      ...ofSeeds.map(({ variance: own, degrees }) => ({ variance: (own * seeds) / count, degrees: degrees * grown })),
      ...ofItems,
    ];
    const then: Spread = { kind: spread.kind, parts };
    return reach(then, 0.975) + reach(then, 0.8) <= margin;
  };
  if (!finds(MOST_SEEDS)) return Number.POSITIVE_INFINITY;
  // The more seeds, the less they bring: the first that finds it by halving.
  let [few, enough] = [1, MOST_SEEDS];
  while (enough - few > 1) {
    const middle = Math.floor((few + enough) / 2);
    if (finds(middle)) enough = middle;
    else few = middle;
  }
  return enough;
}

/** More than anybody trains. */
const MOST_SEEDS = 200;
