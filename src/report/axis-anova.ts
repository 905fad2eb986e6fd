import type { Axis, Design } from '../config/plan.js';
import type { Measure } from './observations.js';
import { type AnovaRow, LinearModel, type Term } from './statistics/anova.js';

/** A row of the table, by the names of axes; `seed` is the block that all variants share. */
export interface SourceOfVariance extends Omit<AnovaRow, 'term'> {
  readonly axes: readonly string[];
}

/** Analysis of variance of trials over a grid's axes. */
export interface AxisAnova {
  readonly rows: readonly SourceOfVariance[];
  readonly residual: { readonly degrees: number; readonly sumOfSquares: number };
  /** What the residual is made of, and which effects the design cannot show. */
  readonly note: string;
}

/**
 * Trials' values by the axes' values, with seeds as blocks (every seed trains every variant). Which interactions there are to see
 * depends on the design: of a full one those of two axes; of one axis at a time none; of a fraction of resolution V or more those
 * of two axes.
 *
 * @param models what was fitted before, by what it was fitted to: measures of the same trials have one model
 * @returns null where fewer than two trials have finished, no axis varies, or nothing is left over to compare with
 */
export function axisAnova(
  axes: readonly Axis[],
  design: Design,
  { observed: { asked } }: Measure,
  models: Map<string, LinearModel>,
): AxisAnova | null {
  // An axis that some variants do not have is no factor of all trials.
  const factors = axes.filter(({ path }) => asked.every(({ variant }) => variant.settings[path] !== undefined));
  const seeds = [...new Set(asked.map(({ seed }) => seed))];
  const levels = asked.map(({ variant, seed }) => [
    ...factors.map(({ path, values }) => values.indexOf(variant.settings[path]!)),
    seeds.indexOf(seed),
  ]);
  const varying = factors.flatMap((_, i) => (new Set(levels.map((row) => row[i])).size > 1 ? [i] : []));
  if (varying.length === 0) return null;
  const mains: Term[] = varying.map((i) => [i]);
  const pairs: Term[] = varying.flatMap((i, place) => varying.slice(place + 1).map((j) => [i, j]));
  const blocks: Term[] = seeds.length > 1 ? [[factors.length]] : [];
  const interacting = design.kind === 'full' || (design.kind === 'fraction' && (design.resolution ?? 0) >= 5);
  const values = asked.map(({ value }) => value);
  const dense = compacted(levels);
  const analysed = (terms: readonly Term[]) => {
    const name = JSON.stringify([terms, dense]);
    const model = models.get(name) ?? new LinearModel(dense, terms);
    models.set(name, model);
    return model.anova(values);
  };
  const whole = interacting ? analysed([...mains, ...pairs, ...blocks]) : null;
  const table = whole && whole.residual.degrees > 0 ? whole : analysed([...mains, ...blocks]);
  if (table.residual.degrees === 0) return null;
  const shown = table === whole && pairs.length > 0;
  return {
    rows: table.rows.map(({ term, ...row }) => ({ axes: term.map((i) => factors[i]?.path ?? 'seed'), ...row })),
    residual: table.residual,
    note: noteOf(design, seeds.length, shown, pairs.length > 0),
  };
}

/** The same with each factor's levels numbered without gaps. */
function compacted(levels: readonly (readonly number[])[]): number[][] {
  const found = levels[0]!.map((_, i) => [...new Set(levels.map((row) => row[i]!))]);
  return levels.map((row) => row.map((level, i) => found[i]!.indexOf(level)));
}

function noteOf(design: Design, seeds: number, shown: boolean, several: boolean): string {
  const residual =
    seeds > 1
      ? 'The residual is what differs between seeds beyond the seeds themselves, with interactions of more axes.'
      : 'There is one seed: the residual is made of interactions alone, and tests are no better than the guess that there are none.';
  if (!several || shown) return residual;
  const why =
    design.kind === 'one-at-a-time'
      ? 'One axis at a time shows no interactions.'
      : design.kind === 'fraction'
        ? `A fraction of resolution ${design.resolution} mixes interactions of two axes with other effects: none is shown.`
        : 'Interactions of two axes are not shown, for nothing would be left to compare with.';
  return `${residual} ${why}`;
}
