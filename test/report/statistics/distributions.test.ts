import { describe, expect, it } from 'vitest';
import {
  fSurvival,
  normalQuantile,
  tCdf,
  tDensity,
  tQuantile,
  tTwoSided,
} from '../../../src/report/statistics/distributions.js';
import { agree, golden } from './golden.js';

const { distribution_values: values } = golden;

describe('distribution functions agree with scipy', () => {
  it.each(values.t_cdf)("Student's t of %d with %d degrees of freedom", (t, degrees, expected) => {
    agree(tCdf(t, degrees), expected, 'p');
  });

  it.each(values['t_ppf_0.975'])("Student's quantile with %d degrees of freedom", (degrees, expected) => {
    agree(tQuantile(0.975, degrees), expected);
    agree(tQuantile(0.025, degrees), -expected);
  });

  it.each(values.f_sf)('F above %d with %d and %d degrees of freedom', (f, between, within, expected) => {
    agree(fSurvival(f, between, within), expected, 'p');
  });

  it.each(values.norm_ppf)('the normal quantile of %d', (probability, expected) => {
    agree(normalQuantile(probability), expected);
  });
});

describe('at the edges', () => {
  it('a quantile is the inverse of the distribution, also where degrees of freedom are no whole number', () => {
    for (const degrees of [1, 1.7, 3.89, 12.5, 1e6]) {
      for (const probability of [1e-12, 0.01, 0.3, 0.5, 0.8, 0.999]) {
        expect(Math.abs(tCdf(tQuantile(probability, degrees), degrees) / probability - 1)).toBeLessThan(1e-8);
      }
    }
  });

  it('what is infinitely far out has no probability, and no number stays none', () => {
    expect(tTwoSided(Number.POSITIVE_INFINITY, 3)).toBe(0);
    expect(fSurvival(Number.POSITIVE_INFINITY, 2, 3)).toBe(0);
    expect(tTwoSided(Number.NaN, 3)).toBeNaN();
    expect(fSurvival(Number.NaN, 2, 3)).toBeNaN();
    expect(tTwoSided(0, 3)).toBe(1);
  });

  it.each([0.5, 1, 2.3, 10, 400])(
    "Student's density with %d degrees of freedom is the slope of its distribution",
    (degrees) => {
      for (const t of [-3, -0.4, 0, 1, 2.5, 8]) {
        const h = 1e-4;
        const slope = (tCdf(t + h, degrees) - tCdf(t - h, degrees)) / (2 * h);
        expect(Math.abs(tDensity(t, degrees) - slope)).toBeLessThan(1e-7);
      }
    },
  );
});
