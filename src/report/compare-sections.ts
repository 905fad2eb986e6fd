import { clean } from './clean.js';
import type { RunComparison, RunDifference } from './compare-runs.js';
import { figure, interval } from './figure.js';
import { groupedBy } from './observations.js';
import type { Section } from './section.js';

/** Runs side by side: a table a pair of runs and measure, and what only one of them has. */
export function comparisonSections({ differences, alone }: RunComparison): Section[] {
  const groups = groupedBy(differences, ({ runs, measure, shots }) => JSON.stringify([runs, measure, shots]));
  const lists = Object.entries(alone).map(
    ([run, variants]): Section => ({
      title: `Only in ${run}`,
      list: variants.map((settings) => ['-', clean(settings)]),
    }),
  );
  const sections = [...groups.values()].map(sectionOf);
  if (sections.length === 0) return [{ title: 'These runs have no finished variant in common' }, ...lists];
  return [...sections, ...lists];
}

function sectionOf(own: readonly RunDifference[]): Section {
  const { runs, measure, shots } = own[0]!;
  const rows = own.map(({ settings, means, seeds, comparison, verdict }) => [
    clean(settings).replaceAll(', ', '\n'),
    `${figure(means[0])} (${seeds[0]})`,
    `${figure(means[1])} (${seeds[1]})`,
    comparison ? `${figure(comparison.difference)} ${interval(comparison)}` : '-',
    verdict,
  ]);
  const right = { align: 'right' } as const;
  return {
    title: `${measure}, ${shots}-shot`,
    notes: [`First: ${runs[0]}; second: ${runs[1]}; in parentheses the number of seeds.`],
    tables: [
      {
        columns: [
          { title: 'variant' },
          { title: 'first', ...right },
          { title: 'second', ...right },
          { title: 'difference', ...right },
          { title: '' },
        ],
        rows,
      },
    ],
  };
}
