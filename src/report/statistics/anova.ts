import { fSurvival } from './distributions.js';

/** A term of a linear model: the factors, by their place, whose product it is; one factor is a main effect. */
export type Term = readonly number[];

/** What a term explains. */
export interface AnovaRow {
  readonly term: Term;
  readonly degrees: number;
  readonly sumOfSquares: number;
  readonly meanSquare: number;
  /** Null where the model leaves no residual. */
  readonly f: number | null;
  readonly p: number | null;
  /** Share of the sums of squares of the table. */
  readonly eta: number;
  /** Share of what is left when the other terms are taken away. */
  readonly partialEta: number;
  /** The share in the population, estimated without eta's upward bias (Hays, 1963); below 0 by chance alone. */
  readonly omega: number | null;
}

export interface Anova {
  readonly rows: readonly AnovaRow[];
  readonly residual: { readonly degrees: number; readonly sumOfSquares: number };
}

/**
 * A linear model of factors, fitted once for whatever is measured of the same observations. Its sums of squares are of type II: each
 * term against all that do not contain it, which for balanced data are the usual ones, and for others do not depend on the order of
 * the terms (Langsrud, 2003).
 */
export class LinearModel {
  readonly #whole: Projection;
  readonly #tests: readonly {
    readonly term: Term;
    readonly degrees: number;
    readonly without: Projection;
    readonly with: Projection;
  }[];

  /**
   * @param levels [observations][factors] whole numbers from 0
   * @param terms a term that the data cannot tell from those before it has no degrees of freedom and is left out
   */
  constructor(
    levels: readonly (readonly number[])[],
    readonly terms: readonly Term[],
  ) {
    const columns = terms.map((term) => columnsOf(levels, term));
    const fitted = (chosen: readonly number[]) =>
      new Projection().with(constant(levels.length), ...chosen.flatMap((i) => columns[i]!));
    const all = terms.map((_, i) => i);
    this.#whole = fitted(all);
    this.#tests = terms.flatMap((term, i) => {
      const without = fitted(all.filter((j) => j !== i && !contains(terms[j]!, term)));
      const both = without.copy().with(...columns[i]!);
      const degrees = both.rank - without.rank;
      return degrees === 0 ? [] : [{ term, degrees, without, with: both }];
    });
  }

  /** Analysis of variance. @param values [observations] */
  anova(values: readonly number[]): Anova {
    const residual = { degrees: values.length - this.#whole.rank, sumOfSquares: this.#whole.residual(values) };
    const sums = this.#tests.map(({ term, degrees, without, with: both }) => ({
      ...{ term, degrees },
      sumOfSquares: Math.max(0, without.residual(values) - both.residual(values)),
    }));
    const total = sums.reduce((sum, row) => sum + row.sumOfSquares, residual.sumOfSquares);
    const error = residual.degrees > 0 ? residual.sumOfSquares / residual.degrees : null;
    const rows = sums.map(({ term, degrees, sumOfSquares }): AnovaRow => {
      const meanSquare = sumOfSquares / degrees;
      const f = error === null ? null : meanSquare / error;
      return {
        ...{ term, degrees, sumOfSquares, meanSquare, f },
        p: f === null ? null : fSurvival(f, degrees, residual.degrees),
        eta: total === 0 ? 0 : sumOfSquares / total,
        partialEta: sumOfSquares === 0 ? 0 : sumOfSquares / (sumOfSquares + residual.sumOfSquares),
        omega: error === null ? null : (sumOfSquares - degrees * error) / (total + error),
      };
    });
    return { rows, residual };
  }
}

const contains = (term: Term, part: Term): boolean => part.every((factor) => term.includes(factor));

const constant = (length: number): Float64Array => new Float64Array(length).fill(1);

/** Columns that span a term: products of its factors' contrasts, each level but the last against the last. */
function columnsOf(levels: readonly (readonly number[])[], term: Term): Float64Array[] {
  return term.reduce<Float64Array[]>(
    (products, factor) => {
      const count = Math.max(...levels.map((row) => row[factor]!)) + 1;
      const contrasts = Array.from({ length: count - 1 }, (_, level) =>
        Float64Array.from(levels, (row) => (row[factor] === level ? 1 : row[factor] === count - 1 ? -1 : 0)),
      );
      return products.flatMap((product) =>
        contrasts.map((contrast) => product.map((value, i) => value * contrast[i]!)),
      );
    },
    [constant(levels.length)],
  );
}

function lengthOf(column: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < column.length; i++) sum += column[i]! ** 2;
  return Math.sqrt(sum);
}

/** An orthonormal basis of some columns (Gram and Schmidt, each column freed twice of what is there). */
class Projection {
  /** What is left of a column that others explain, as a share of its length. */
  static readonly NOTHING = 1e-9;
  readonly #basis: Float64Array[];

  constructor(basis: readonly Float64Array[] = []) {
    this.#basis = [...basis];
  }

  get rank(): number {
    return this.#basis.length;
  }

  copy(): Projection {
    return new Projection(this.#basis);
  }

  /** Takes columns in. @returns itself */
  with(...columns: readonly Float64Array[]): this {
    for (const column of columns) {
      const free = this.#freed(this.#freed(column));
      const norm = lengthOf(free);
      if (norm > Projection.NOTHING * lengthOf(column)) this.#basis.push(free.map((value) => value / norm));
    }
    return this;
  }

  /** Sum of squares of what the columns do not explain. */
  residual(values: readonly number[]): number {
    return this.#freed(this.#freed(Float64Array.from(values))).reduce((sum, value) => sum + value * value, 0);
  }

  #freed(column: Float64Array): Float64Array {
    const free = column.slice();
    for (const unit of this.#basis) {
      let share = 0;
      for (let i = 0; i < free.length; i++) share += unit[i]! * free[i]!;
      for (let i = 0; i < free.length; i++) free[i]! -= share * unit[i]!;
    }
    return free;
  }
}
