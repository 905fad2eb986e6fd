import { describe, expect, it } from 'vitest';
import { random } from '../../../src/random.js';
import { LinearModel } from '../../../src/report/statistics/anova.js';
import { mean, variance } from '../../../src/report/statistics/descriptive.js';
import { seedPool, seedsOfDifference, seedsOfMean } from '../../../src/report/statistics/seed-pool.js';
import { reach } from '../../../src/report/statistics/spread.js';

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

  it('serves means over other seeds than its own: an unfinished run has some that few variants have finished', () => {
    let [covered, known] = [0, 0];
    const rounds = 1500;
    for (let round = 0; round < rounds; round++) {
      const all = trials(6, 4, 2, 1);
      const part = seedPool(all.map((own) => own.slice(0, 2)))!;
      // Four seeds of the first two variants, whose true difference is 10, and two of the others.
      const found = mean(all[1]!) - mean(all[0]!);
      const half = reach({ kind: 'seeds', parts: seedsOfDifference(part, 1, 1, 4) }, 0.975);
      if (Math.abs(found - 10) <= half) covered++;
      known += seedsOfMean(part, 1, 4).reduce((sum, { variance: own }) => sum + own, 0) / rounds;
    }
    expect(covered / rounds).toBeGreaterThan(0.93);
    expect(covered / rounds).toBeLessThan(0.97);
    expect(known).toBeCloseTo((2 ** 2 + 1) / 4, 0);
  });

  it('has the levels of an axis apart where a seed brings something to all variants of one', () => {
    const lucky = values.map((own, v) => own.map((value, s) => value + [3, -3, 2, -1][(s + Number(v > 1)) % 4]!));
    const levels = ['a', 'a', 'b', 'b', 'b'];
    const found = seedPool(lucky, levels)!;
    const flat = lucky.flatMap((own, v) =>
      own.map((value, s) => ({ value, level: [v, s, Number(levels[v] === 'b')] })),
    );
    const { rows, residual } = new LinearModel(
      flat.map(({ level }) => level),
      [[0], [1], [1, 2]],
    ).anova(flat.map(({ value }) => value));
    expect(found.levels).toMatchObject({ degrees: 3, meanSquare: expect.closeTo(rows[2]!.meanSquare, 9) });
    expect(found.levels).toMatchObject({ each: expect.closeTo((25 - 13) / 5, 9), inAll: expect.closeTo(13 / 25, 9) });
    expect(found.degrees).toBe(residual.degrees);
    expect(found.residual).toBeCloseTo(residual.sumOfSquares / residual.degrees, 9);
  });

  it('knows differences of levels by the levels’ own mean square, where they have as many variants', () => {
    const two = trials(6, 4, 2, 1).map((own, v) => own.map((value, s) => value + [4, -2, 1, 0][(s + (v % 2)) % 4]!));
    const found = seedPool(two, [0, 1, 0, 1, 0, 1])!;
    const { meanSquare } = found.levels!;
    expect(seedsOfDifference(found, 3, 3)).toEqual([
      { variance: expect.closeTo((meanSquare * 2) / 3 / 4, 9), degrees: expect.closeTo(3, 9) },
    ]);
    const [ofMean] = seedsOfMean(found, 3);
    expect(ofMean!.variance).toBeCloseTo((found.block / 6 + meanSquare * (1 / 3 - 1 / 6)) / 4, 9);
    // A lone variant of each has its own luck beside that of its level.
    const [lone] = seedsOfDifference(found, 1, 1);
    const ofLevel = (meanSquare - found.residual) / 3;
    expect(lone!.variance).toBeCloseTo((2 * (ofLevel + found.residual)) / 4, 9);
  });

  it('is one residual where levels bring nothing, and where each has one variant', () => {
    const alike = values.map((own, v) => own.map((value, s) => value + (v % 2 === 0 ? 1 : -1) * [3, -3, 2, -2][s]!));
    expect(seedPool(alike, ['a', 'a', 'b', 'b', 'b'])).toEqual(seedPool(alike));
    expect(seedPool(values, [0, 1, 2, 3, 4])).toEqual(pool);
    expect(seedPool(values, [0, 0, 0, 0, 0])).toEqual(pool);
  });

  it('covers the difference of levels whose variants share a seed’s luck', () => {
    const rounds = 1500;
    const covered = [0, 0];
    for (let round = 0; round < rounds; round++) {
      const luck = Array.from({ length: 3 }, () => Array.from({ length: 3 }, () => 2 * draw.normal()));
      const levels = [0, 0, 0, 1, 1, 1, 2, 2, 2];
      const all = trials(9, 3, 1, 1).map((own, v) => own.map((value, s) => value - 10 * v + luck[levels[v]!]![s]!));
      const difference = mean(all.slice(0, 3).flat()) - mean(all.slice(3, 6).flat());
      for (const [i, part] of [seedPool(all, levels)!, seedPool(all)!].entries()) {
        const half = reach({ kind: 'seeds', parts: seedsOfDifference(part, 3, 3) }, 0.975);
        if (Math.abs(difference) <= half) covered[i]!++;
      }
    }
    expect(covered[0]! / rounds).toBeGreaterThan(0.93);
    expect(covered[0]! / rounds).toBeLessThan(0.97);
    // Without the levels: the interval is too narrow.
    expect(covered[1]! / rounds).toBeLessThan(0.85);
  });

  it('is none of one variant or one seed', () => {
    expect(seedPool([[1, 2, 3]])).toBeNull();
    expect(seedPool([[1], [2]])).toBeNull();
    expect(seedPool([])).toBeNull();
  });
});
