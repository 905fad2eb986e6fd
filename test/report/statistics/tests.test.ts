import { describe, expect, it } from 'vitest';
import { compare, compareIndependent } from '../../../src/report/statistics/comparison.js';
import { pearson, spearman } from '../../../src/report/statistics/correlation.js';
import { ranks } from '../../../src/report/statistics/descriptive.js';
import { estimate } from '../../../src/report/statistics/estimate.js';
import { holm } from '../../../src/report/statistics/multiple-tests.js';
import { agree, golden } from './golden.js';

/** Seeds' values whose items are not known. */
const seeds = (values: readonly number[]) => ({ values, answers: values.map(() => []), concepts: [] });

describe('without items, the usual tests over seeds', () => {
  it.each(golden.t_confidence_intervals)('t intervals agree with scipy: %#', ({ x, mean, ci95 }) => {
    const found = estimate(seeds(x));
    agree(found.mean, mean);
    agree(found.low!, ci95[0]);
    agree(found.high!, ci95[1]);
    expect(found).toMatchObject({ n: x.length, interval: 'seeds' });
  });

  it('the paired t test agrees with scipy', () => {
    const { a, b, p_two_sided, 'ci95_of_mean(a-b)': interval } = golden.paired_t;
    const found = compare(seeds(a), seeds(b))!;
    agree(found.p, p_two_sided, 'p');
    agree(found.low, interval[0]);
    agree(found.high, interval[1]);
  });

  it.each(golden.welch_t)("Welch's test agrees with scipy: %#", ({ a, b, mean_diff, welch }) => {
    const found = compareIndependent(seeds(a), seeds(b))!;
    agree(found.difference, mean_diff);
    agree(found.p, welch.p_two_sided, 'p');
    agree(found.low, welch.ci95_of_mean_difference[0]);
    agree(found.high, welch.ci95_of_mean_difference[1]);
  });
});

it.each(golden.holm)('p values adjusted by Holm agree with statsmodels: %#', ({ p, holm_adjusted }) => {
  for (const [i, value] of holm(p).entries()) agree(value, holm_adjusted[i]!, 'p');
});

describe('correlations', () => {
  it.each(golden.spearman)('agree with scipy: $kind', (expected) => {
    const { x, y } = expected;
    expect(ranks(x)).toEqual(expected.ranks_x_average);
    expect(ranks(y)).toEqual(expected.ranks_y_average);
    const rho = spearman(x, y)!;
    agree(rho.coefficient, expected.spearman_rho);
    agree(rho.p, expected['spearman_p_two_sided (t approximation, df n-2)'], 'p');
    const r = pearson(x, y)!;
    agree(r.coefficient, expected.pearson_r);
    agree(r.p, expected.pearson_p, 'p');
  });

  it('are none where nothing varies, or of two pairs', () => {
    expect(spearman([1, 1, 1], [1, 2, 3])).toBeNull();
    expect(pearson([1, 2], [1, 2])).toBeNull();
    expect(spearman([1, 2, 3], [10, 20, 90])).toMatchObject({ coefficient: 1, p: 0 });
  });
});
