import { describe, expect, it } from 'vitest';
import { random } from '../../../src/random.js';
import { compare } from '../../../src/report/statistics/comparison.js';
import { conceptsOf, type Sample, spreadOf } from '../../../src/report/statistics/crossed.js';
import { mean } from '../../../src/report/statistics/descriptive.js';
import { estimate } from '../../../src/report/statistics/estimate.js';
import { pValue, reach, type Spread, standardError } from '../../../src/report/statistics/spread.js';

/** A sample of one task. @param answers [seeds][items] */
function sampleOf(answers: readonly (readonly number[])[], concepts?: readonly string[]): Sample {
  const names = concepts ?? answers[0]!.map((_, i) => String(i));
  return {
    values: answers.map(mean),
    answers: answers.map((seed) => [Float64Array.from(seed)]),
    concepts: [conceptsOf(names)],
  };
}

describe('the spread of a mean over seeds and items', () => {
  it('of one seed is that of the items', () => {
    const spread = spreadOf(sampleOf([[1, 3, 5]]))!;
    expect(spread).toEqual({ kind: 'items', parts: [{ variance: expect.closeTo(4 / 3, 12), degrees: 2 }] });
  });

  it('of items that all seeds answer alike is the sum of both', () => {
    // Seeds 0 and 2, items 1, 3 and 5 more: no interaction.
    const { kind, parts } = spreadOf(
      sampleOf([
        [1, 3, 5],
        [3, 5, 7],
      ]),
    )!;
    expect(kind).toBe('seeds and items');
    expect(parts).toEqual([
      { variance: expect.closeTo(1, 12), degrees: 1 },
      { variance: expect.closeTo(4 / 3, 12), degrees: 2 },
    ]);
  });

  it('counts what is neither the seeds’ nor the items’ once', () => {
    // By hand: MS(seeds) 6 x 1/2, MS(items), MS(rest) of the layout below, each over S C = 6.
    const answers = [
      [1, 4, 4],
      [2, 3, 7],
    ];
    const seeds = 0.5 * (3 - 4) ** 2;
    const items = [1.5, 3.5, 5.5];
    const rest = [
      [0, 1, -1],
      [0, -1, 1],
    ]
      .flat()
      .reduce((sum, value) => sum + value ** 2, 0);
    const parts = { seeds: seeds / 2, items: 4 / 3, rest: rest / 2 / 6 };
    expect(items.map((value) => value - 3.5)).toEqual([-2, 0, 2]);
    const total = standardError(spreadOf(sampleOf(answers))!) ** 2;
    const w = (1 + Math.sqrt(parts.rest / parts.items)) / 2;
    expect(total).toBeCloseTo(Math.max(0, parts.seeds - parts.rest * (1 - w)) + parts.items - parts.rest * w, 12);
  });

  it('takes items about one concept together', () => {
    // Two pictures asked twice each: as uncertain as two questions, not as four.
    const twice = spreadOf(sampleOf([[1, 1, 5, 5]], ['a', 'a', 'b', 'b']))!;
    expect(standardError(twice)).toBeCloseTo(standardError(spreadOf(sampleOf([[1, 5]]))!), 12);
    expect(twice.parts[0]!.degrees).toBe(1);
    expect(spreadOf(sampleOf([[1, 5]], ['a', 'a']))).toBeNull();
  });

  it('of several tasks adds their items’ variances, with the degrees of freedom of Welch and Satterthwaite', () => {
    const one = sampleOf([[1, 3, 5]]);
    const two: Sample = {
      values: one.values,
      answers: [[...one.answers[0]!, Float64Array.from([11, 13, 15])]],
      concepts: [...one.concepts, ...one.concepts],
    };
    expect(spreadOf(two)!.parts).toEqual([
      { variance: expect.closeTo((2 * (4 / 3)) / 4, 12), degrees: expect.closeTo(4, 9) },
    ]);
  });

  it('is that of the seeds where items are not known, and none of a lone seed', () => {
    const unknown = (values: readonly number[]): Sample => ({
      values,
      answers: values.map(() => [new Float64Array()]),
      concepts: [conceptsOf([])],
    });
    expect(spreadOf(unknown([1, 3]))).toEqual({ kind: 'seeds', parts: [{ variance: 1, degrees: 1 }] });
    expect(spreadOf(unknown([1]))).toBeNull();
    expect(estimate(unknown([3]))).toEqual({ mean: 3, low: null, high: null, n: 1, interval: null });
  });
});

describe('a comparison', () => {
  const spread: Spread = {
    kind: 'seeds and items',
    parts: [
      { variance: 1, degrees: 2 },
      { variance: 0.5, degrees: 80 },
    ],
  };

  it('has p below 0.05 exactly where the interval leaves 0 out', () => {
    const half = reach(spread, 0.975);
    expect(pValue(half, spread)).toBeCloseTo(0.05, 8);
    expect(pValue(1.001 * half, spread)).toBeLessThan(0.05);
    expect(pValue(-0.999 * half, spread)).toBeGreaterThan(0.05);
    expect(pValue(0, spread)).toBe(1);
    expect(pValue(1e9, spread)).toBeGreaterThan(0);
  });

  it.each([
    [1, 2, 0.5, 80],
    [3, 0.8, 1e-6, 1e5],
    [1e-4, 1, 2, 7],
    [5, 400, 4, 1.5],
  ])('reaches, at its p, as far as the difference is: %d with %d degrees of freedom, %d with %d', (...numbers) => {
    const [first, few, second, many] = numbers;
    const parts = [
      { variance: first, degrees: few },
      { variance: second, degrees: many },
    ];
    const two: Spread = { kind: 'seeds and items', parts };
    for (const times of [0.001, 0.3, 1, 2, 4, 12]) {
      const difference = times * standardError(two);
      const p = pValue(difference, two);
      if (p > 1e-12) expect(reach(two, 1 - p / 2) / difference).toBeCloseTo(1, 7);
    }
  });

  it('pairs by seed and item: what both have in common is in neither', () => {
    const hard = [
      [0, 50, 90, 100],
      [10, 60, 100, 110],
    ];
    const better = hard.map((seed) => seed.map((value, i) => value + 5 + (i % 2)));
    const found = compare(sampleOf(better), sampleOf(hard))!;
    expect(found.difference).toBeCloseTo(5.5, 12);
    expect(found.low).toBeGreaterThan(4);
    expect(found.p).toBeLessThan(0.01);
    expect(found.equalWithin).toBeGreaterThan(5.5);
    expect(found.equalWithin).toBeLessThan(found.high);
    expect(found.detectable).toBeGreaterThan(found.high - found.difference);
  });
});

describe('coverage', () => {
  it.each([
    { seeds: 3, seedSpread: 0.5, concepts: 60 },
    { seeds: 5, seedSpread: 0, concepts: 60 },
    { seeds: 5, seedSpread: 2, concepts: 60 },
    { seeds: 1, seedSpread: 0, concepts: 60 },
  ])('of $seeds seeds that vary by $seedSpread is about 95%', ({ seeds, seedSpread, concepts }) => {
    const draw = random(0, `coverage ${seeds} ${seedSpread}`);
    const names = Array.from({ length: concepts }, (_, c) =>
      Array.from({ length: 1 + (c % 3) }, () => String(c)),
    ).flat();
    const { of, count } = conceptsOf(names);
    const rounds = 3000;
    let covered = 0;
    for (let round = 0; round < rounds; round++) {
      const easy = Array.from({ length: count }, () => 3 * draw.normal());
      const answers = Array.from({ length: seeds }, () => {
        const good = seedSpread * draw.normal();
        const own = Array.from({ length: count }, () => 2 * draw.normal());
        return Array.from(of, (c) => good + easy[c]! + own[c]! + 2 * draw.normal());
      });
      const { low, high } = estimate(sampleOf(answers, names));
      if (low! <= 0 && high! >= 0) covered++;
    }
    // 93 to 97%, and three standard errors of the count itself, 0.4 points each.
    expect(covered / rounds).toBeGreaterThan(0.918);
    expect(covered / rounds).toBeLessThan(0.982);
  });
});
