import { mean } from './descriptive.js';
import { type Part, pooled } from './spread.js';

/**
 * How much seeds vary, pooled over variants: of few seeds a lone variant says little. Trials are a two-way layout, y(v, s) = mean(v) +
 * luck(s) + luck(v, s), every seed training every variant: what a seed brings to all of them (its data) is the block's, all else the
 * residual, which is taken to vary alike in all variants.
 */
export interface SeedPool {
  readonly seeds: number;
  readonly variants: number;
  /** Mean square between seeds, of V variants each: V var(luck(s)) + var(luck(v, s)). */
  readonly block: number;
  /** Mean square of the residual, and its degrees of freedom: (V - 1)(S - 1), less those of the levels where these have luck of their own. */
  readonly residual: number;
  readonly degrees: number;
  /** What a seed brings to all variants of one level of an axis; null where nothing of it is seen. */
  readonly levels: LevelLuck | null;
}

/** The levels of an axis by the seeds: variants of a level may start from the same weights, or from the same encoder. */
export interface LevelLuck {
  /** Mean square of level by seed: n var(luck(level, s)) + var(luck(v, s)), with (L - 1)(S - 1) degrees of freedom. */
  readonly meanSquare: number;
  readonly degrees: number;
  /** Variants of a level: n, where levels have unlike numbers of them the one that the mean square stands for. */
  readonly each: number;
  /** Share of the levels' luck that is in the mean of all variants: the sum of the squares of the levels' shares of variants. */
  readonly inAll: number;
}

/**
 * Whether levels have luck of their own is decided as by restricted maximum likelihood: where their mean square by seeds is no larger than
 * that of the variants within them, its variance is estimated to be none, and the two are one residual.
 *
 * @param values [variants][seeds]
 * @param levelOf [variants] the level of an axis that each variant has
 * @returns null of fewer than two variants or seeds
 */
export function seedPool(values: readonly (readonly number[])[], levelOf?: readonly unknown[]): SeedPool | null {
  const variants = values.length;
  const seeds = values[0]?.length ?? 0;
  if (variants < 2 || seeds < 2) return null;
  const variantMeans = values.map(mean);
  const seedMeans = meansBySeed(values);
  const whole = mean(variantMeans);
  const residuals = values.map((own, v) => own.map((value, s) => value - variantMeans[v]! - seedMeans[s]! + whole));
  const squares = residuals.reduce((sum, own) => sum + own.reduce((below, each) => below + each ** 2, 0), 0);
  const block = (variants * seedMeans.reduce((sum, value) => sum + (value - whole) ** 2, 0)) / (seeds - 1);
  const degrees = (variants - 1) * (seeds - 1);
  const found = levelOf && levelLuck(residuals, levelOf);
  if (found) {
    const within = (squares - found.meanSquare * found.degrees) / (degrees - found.degrees);
    if (found.meanSquare > within) {
      return { seeds, variants, block, residual: within, degrees: degrees - found.degrees, levels: found };
    }
  }
  return { seeds, variants, block, residual: squares / degrees, degrees, levels: null };
}

/** @param values [variants][seeds] */
function meansBySeed(values: readonly (readonly number[])[]): number[] {
  return values[0]!.map((_, s) => mean(values.map((own) => own[s]!)));
}

/** @returns null of one level, and where no level has two variants */
function levelLuck(residuals: readonly (readonly number[])[], levelOf: readonly unknown[]): LevelLuck | null {
  const levels = [...new Set(levelOf)].map((level) => residuals.filter((_, v) => levelOf[v] === level));
  if (levels.length < 2 || levels.length === residuals.length) return null;
  const seeds = residuals[0]!.length;
  const squares = levels.reduce((sum, own) => {
    return sum + own.length * meansBySeed(own).reduce((below, each) => below + each ** 2, 0);
  }, 0);
  const degrees = (levels.length - 1) * (seeds - 1);
  const inAll = levels.reduce((sum, { length }) => sum + (length / residuals.length) ** 2, 0);
  return {
    meanSquare: squares / degrees,
    degrees,
    each: (residuals.length * (1 - inAll)) / (levels.length - 1),
    inAll,
  };
}

/**
 * The seeds' part in the variance of the mean of `averaged` variants of one level.
 * @param count seeds that the mean is over, which may be others and more than those that the pool was measured on
 */
export function seedsOfMean(pool: SeedPool, averaged: number, count: number = pool.seeds): Part[] {
  const { seeds, variants, block } = pool;
  const own = lucks(pool, 1 - (pool.levels?.inAll ?? 0), 1 / averaged - 1 / variants);
  return meanOver(count, [{ variance: block / variants, degrees: seeds - 1 }, ...own]);
}

/** The same of the difference of two such means, of different levels and with no variant in common. */
export function seedsOfDifference(pool: SeedPool, first: number, second: number, count: number = pool.seeds): Part[] {
  return meanOver(count, lucks(pool, 2, 1 / first + 1 / second));
}

/** What one seed brings to a variance, of the mean over so many. */
function meanOver(seeds: number, ofOne: readonly Part[]): Part[] {
  return [pooled(ofOne.map(({ variance, degrees }) => ({ variance: variance / seeds, degrees })))];
}

/** So many times the variance of levels' luck and of variants' own, by the mean squares that they are known by. */
function lucks({ residual, degrees, levels }: SeedPool, ofLevels: number, ofVariants: number): Part[] {
  if (!levels) return [{ variance: residual * ofVariants, degrees }];
  const share = ofLevels / levels.each;
  return [
    { variance: levels.meanSquare * share, degrees: levels.degrees },
    { variance: residual * (ofVariants - share), degrees },
  ];
}
