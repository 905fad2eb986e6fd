import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { groupFolder } from '../../golden-folder.js';

interface AnovaTable {
  readonly [term: string]: {
    readonly df: number;
    readonly sum_sq: number;
    readonly mean_sq: number;
    readonly F: number;
    readonly p: number;
    readonly eta_sq: number;
    readonly partial_eta_sq: number;
    readonly omega_sq: number;
  };
}

/** Reference values of scipy and statsmodels. */
export interface Golden {
  readonly anova_balanced: Readonly<Record<string, AnovaTable>>;
  readonly anova_unbalanced: Readonly<Record<string, AnovaTable>>;
  readonly welch_t: readonly {
    readonly a: readonly number[];
    readonly b: readonly number[];
    readonly mean_diff: number;
    readonly welch: {
      readonly t: number;
      readonly df: number;
      readonly p_two_sided: number;
      readonly ci95_of_mean_difference: readonly [number, number];
    };
  }[];
  readonly paired_t: {
    readonly a: readonly number[];
    readonly b: readonly number[];
    readonly t: number;
    readonly df: number;
    readonly p_two_sided: number;
    readonly 'ci95_of_mean(a-b)': readonly [number, number];
  };
  readonly holm: readonly { readonly p: readonly number[]; readonly holm_adjusted: readonly number[] }[];
  readonly t_confidence_intervals: readonly {
    readonly x: readonly number[];
    readonly mean: number;
    readonly ci95: readonly [number, number];
  }[];
  readonly spearman: readonly {
    readonly kind: string;
    readonly x: readonly number[];
    readonly y: readonly number[];
    readonly spearman_rho: number;
    readonly 'spearman_p_two_sided (t approximation, df n-2)': number;
    readonly pearson_r: number;
    readonly pearson_p: number;
    readonly ranks_x_average: readonly number[];
    readonly ranks_y_average: readonly number[];
  }[];
  readonly distribution_values: {
    readonly t_cdf: readonly (readonly [number, number, number])[];
    readonly f_sf: readonly (readonly [number, number, number, number])[];
    readonly 't_ppf_0.975': readonly (readonly [number, number])[];
    readonly norm_ppf: readonly (readonly [number, number])[];
  };
}

const folder = groupFolder('statistics');

export const golden = JSON.parse(readFileSync(join(folder, 'case.json'), 'utf8')) as Golden;

/** A design's rows: factors as text, and the response. */
export function designRows(file: string): { readonly factors: readonly string[]; readonly y: number }[] {
  const [, ...lines] = readFileSync(join(folder, file), 'utf8').trim().split('\n');
  return lines.map((line) => {
    const cells = line.split(',');
    return { factors: cells.slice(0, 4), y: Number(cells[4]) };
  });
}

/** To 1e-8 relative; p values below 1e-6 to 1e-6; about 0 to 1e-12. */
export function agree(actual: number, expected: number, kind: 'value' | 'p' = 'value'): void {
  const tolerance = kind === 'p' && expected < 1e-6 ? 1e-6 : 1e-8;
  expect(Math.abs(actual - expected)).toBeLessThanOrEqual(Math.max(tolerance * Math.abs(expected), 1e-12));
}
