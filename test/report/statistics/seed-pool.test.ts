import { describe, expect, it } from 'vitest';
import { random } from '../../../src/random.js';
import { LinearModel } from '../../../src/report/statistics/anova.js';
import { mean, variance } from '../../../src/report/statistics/descriptive.js';
import { seedPool, seedsOfDifference, seedsOfMean } from '../../../src/report/statistics/seed-pool.js';

const draw = random(0, 'seed pool');
/** Trials of variants and seeds: what a seed brings to all, and what is each trial's own. */
const trials = (variants: number, seeds: number, shared: number, own: number) => {
  const luck = Array.from({ length: seeds }, () => shared * draw.normal());
  return Array.from({ length: variants }, (_, v) => luck.map((each) => 10 * v + each + own * draw.normal()));
};

describe('the spread of seeds, pooled over variants', () => {
  const values = trials(5, 4, 2, 1);
  const pool = seedPool(values)!;

  it('is that of the analysis of variance of variants with seeds as blocks', () => {
    const flat = values.flatMap((own, v) => own.map((value, s) => ({ value, level: [v, s] })));
    const { rows, residual } = new LinearModel(
      flat.map(({ level }) => level),
      [[0], [1]],
    ).anova(flat.map(({ value }) => value));
    expect(pool.block).toBeCloseTo(rows[1]!.meanSquare, 9);
    expect(pool.residual).toBeCloseTo(residual.sumOfSquares / residual.degrees, 9);
    const [difference] = seedsOfDifference(pool, 1, 1);
    expect(difference).toEqual({ variance: (2 * pool.residual) / 4, degrees: residual.degrees });
  });

  it('of all variants together is that of the seeds’ own means', () => {
    const seedMeans = values[0]!.map((_, s) => mean(values.map((own) => own[s]!)));
    expect(seedsOfMean(pool, 5)).toEqual([
      { variance: expect.closeTo(variance(seedMeans) / 4, 9), degrees: expect.closeTo(3, 9) },
    ]);
  });

  it('of one variant is on average what its own seeds vary by', () => {
    let [pooled, own] = [0, 0];
    for (let round = 0; round < 400; round++) {
      const each = trials(5, 4, 2, 1);
      pooled += seedsOfMean(seedPool(each)!, 1).reduce((sum, part) => sum + part.variance, 0);
      own += mean(each.map(variance)) / 4;
    }
    expect(pooled / own).toBeCloseTo(1, 1);
  });

  it('is none of one variant or one seed', () => {
    expect(seedPool([[1, 2, 3]])).toBeNull();
    expect(seedPool([[1], [2]])).toBeNull();
    expect(seedPool([])).toBeNull();
  });
});
