import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { estimate, halfWidth95, mean, tQuantile } from '../../src/report/statistics.js';
import { groupFolder } from '../golden-folder.js';

interface Golden {
  distribution_values: { 't_ppf_0.975': [number, number][] };
  t_confidence_intervals: { x: number[]; mean: number; t_critical: number; ci95: [number, number] }[];
}

const file = join(groupFolder('statistics'), 'case.json');
const golden = JSON.parse(readFileSync(file, 'utf8')) as Golden;
const relative = (actual: number, expected: number) => Math.abs(actual / expected - 1);

describe('t intervals', () => {
  it.each(golden.distribution_values['t_ppf_0.975'])('has the quantile for %d degrees of freedom', (df, expected) => {
    expect(relative(tQuantile(0.975, df), expected)).toBeLessThan(1e-12);
  });

  it.each(golden.t_confidence_intervals)('agrees with scipy on %#', ({ x, mean: centre, ci95: [low, high] }) => {
    const ours = estimate(x, []);
    expect(relative(ours.mean, centre)).toBeLessThan(1e-12);
    expect(relative(ours.low!, low)).toBeLessThan(1e-8);
    expect(relative(ours.high!, high)).toBeLessThan(1e-8);
    expect(ours).toMatchObject({ n: x.length, interval: 'seeds' });
  });

  it('takes the items of the only seed', () => {
    const [{ x, ci95 }] = golden.t_confidence_intervals.slice(-1) as [Golden['t_confidence_intervals'][0]];
    const ours = estimate([mean(x)], [x]);
    expect(ours).toMatchObject({ n: 1, interval: 'items' });
    expect(relative(ours.low!, ci95[0])).toBeLessThan(1e-8);
    expect(relative(ours.high!, ci95[1])).toBeLessThan(1e-8);
  });

  it('gives no interval to a single value', () => {
    expect(halfWidth95([[3]])).toBeNull();
    expect(estimate([3], [[3]])).toEqual({ mean: 3, low: null, high: null, n: 1, interval: null });
  });

  it("adds the variances of several tasks' items, with the degrees of freedom of Welch and Satterthwaite", () => {
    // Of equal size and spread: 2 x (n - 1) degrees, and the interval of one task over the root of 2.
    const items = [1, 3, 5];
    const t4 = golden.distribution_values['t_ppf_0.975'].find(([degrees]) => degrees === 4)![1];
    expect(halfWidth95([items, items.map((value) => value + 10)])).toBeCloseTo(
      (t4 * (2 / Math.sqrt(3))) / Math.SQRT2,
      9,
    );
    // A task without spread adds neither variance nor freedom, but a share of the mean.
    expect(halfWidth95([items, [7, 7]])).toBeCloseTo(halfWidth95([items])! / 2, 12);
    expect(halfWidth95([items, [7]])).toBeNull();
    expect(halfWidth95([[7, 7]])).toBe(0);
  });
});
