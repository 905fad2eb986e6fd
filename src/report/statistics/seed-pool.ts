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
  /** Mean square of the residual, with (V - 1)(S - 1) degrees of freedom. */
  readonly residual: number;
}

/** @param values [variants][seeds]. @returns null of fewer than two variants or seeds */
export function seedPool(values: readonly (readonly number[])[]): SeedPool | null {
  const variants = values.length;
  const seeds = values[0]?.length ?? 0;
  if (variants < 2 || seeds < 2) return null;
  const variantMeans = values.map(mean);
  const seedMeans = values[0]!.map((_, s) => mean(values.map((own) => own[s]!)));
  const whole = mean(variantMeans);
  let residual = 0;
  values.forEach((own, v) => {
    own.forEach((value, s) => {
      residual += (value - variantMeans[v]! - seedMeans[s]! + whole) ** 2;
    });
  });
  const block = seedMeans.reduce((sum, value) => sum + (value - whole) ** 2, 0);
  return {
    seeds,
    variants,
    block: (variants * block) / (seeds - 1),
    residual: residual / ((variants - 1) * (seeds - 1)),
  };
}

/**
 * The seeds' part in the variance of the mean of `averaged` variants.
 * @param count seeds that the mean is over, which may be others and more than those that the pool was measured on
 */
export function seedsOfMean(
  { seeds, variants, block, residual }: SeedPool,
  averaged: number,
  count: number = seeds,
): Part[] {
  return [
    pooled([
      { variance: block / (variants * count), degrees: seeds - 1 },
      { variance: (residual * (1 / averaged - 1 / variants)) / count, degrees: (variants - 1) * (seeds - 1) },
    ]),
  ];
}

/** The same of the difference of two such means, which have no variant in common. */
export function seedsOfDifference(
  { seeds, variants, residual }: SeedPool,
  first: number,
  second: number,
  count: number = seeds,
): Part[] {
  return [{ variance: (residual * (1 / first + 1 / second)) / count, degrees: (variants - 1) * (seeds - 1) }];
}
