import { describe, expect, it } from 'vitest';
import { LinearModel, type Term } from '../../../src/report/statistics/anova.js';
import { agree, designRows, golden } from './golden.js';

const NAMES = ['connector', 'resolution', 'encoder'];
const TERMS: Readonly<Record<string, readonly Term[]>> = {
  three_way_full: [[0], [1], [2], [0, 1], [0, 2], [1, 2], [0, 1, 2]],
  three_way_main_effects_only: [[0], [1], [2]],
  'two_way_connector_resolution (encoder and seed are replicates)': [[0], [1], [0, 1]],
  'two_way_connector_encoder (resolution and seed are replicates)': [[0], [2], [0, 2]],
  one_way_connector: [[0]],
  'type_2 two_way connector*resolution': [[0], [1], [0, 1]],
  'type_2 three_way_full': [[0], [1], [2], [0, 1], [0, 2], [1, 2], [0, 1, 2]],
};

function analysed(file: string, terms: readonly Term[]) {
  const rows = designRows(file);
  const names = [0, 1, 2].map((factor) => [...new Set(rows.map(({ factors }) => factors[factor]!))]);
  const levels = rows.map(({ factors }) => [0, 1, 2].map((factor) => names[factor]!.indexOf(factors[factor]!)));
  return new LinearModel(levels, terms).anova(rows.map(({ y }) => y));
}

const nameOf = (term: Term): string => term.map((factor) => `C(${NAMES[factor]})`).join(':');

describe('agrees with statsmodels', () => {
  it.each([
    ...Object.entries(golden.anova_balanced).flatMap(([name, table]) =>
      name in TERMS ? [{ file: 'design-3x2x2-3seeds.csv', name, table }] : [],
    ),
    ...Object.entries(golden.anova_unbalanced).flatMap(([name, table]) =>
      name in TERMS ? [{ file: 'design-unbalanced.csv', name, table }] : [],
    ),
  ])('$file, $name', ({ file, name, table }) => {
    const { rows, residual } = analysed(file, TERMS[name]!);
    expect(rows.map(({ term }) => nameOf(term))).toEqual(Object.keys(table).filter((key) => key.startsWith('C(')));
    for (const row of rows) {
      const expected = table[nameOf(row.term)]!;
      expect(row.degrees).toBe(expected.df);
      agree(row.sumOfSquares, expected.sum_sq);
      agree(row.meanSquare, expected.mean_sq);
      agree(row.f!, expected.F);
      agree(row.p!, expected.p, 'p');
      agree(row.eta, expected.eta_sq);
      agree(row.partialEta, expected.partial_eta_sq);
      agree(row.omega!, expected.omega_sq);
    }
    expect(residual.degrees).toBe(table.Residual!.df);
    agree(residual.sumOfSquares, table.Residual!.sum_sq);
  });

  it('covers five tables of the balanced design and two of the other', () => {
    const tables = [...Object.keys(golden.anova_balanced), ...Object.keys(golden.anova_unbalanced)];
    expect(tables.filter((name) => name in TERMS)).toHaveLength(7);
  });
});

describe('what the data cannot tell apart', () => {
  it('a factor that goes with another explains nothing of its own, and a third is still tested', () => {
    const levels = [0, 1, 0, 1, 0, 1].map((level, i) => [level, level, i < 2 ? 0 : 1]);
    const { rows, residual } = new LinearModel(levels, [[0], [1], [2]]).anova([1, 5, 2, 5, 1, 7]);
    expect(rows.map(({ term }) => term)).toEqual([[2]]);
    expect(residual.degrees).toBe(3);
  });

  it('without a residual there is no test', () => {
    const { rows, residual } = new LinearModel([[0], [1], [2]], [[0]]).anova([1, 2, 4]);
    expect(residual.degrees).toBe(0);
    expect(rows).toMatchObject([{ degrees: 2, f: null, p: null, omega: null }]);
  });
});
