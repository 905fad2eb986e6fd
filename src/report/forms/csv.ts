import type { Scalar } from '../../config/recipe.js';
import type { Report, ReportedMeasure } from '../report.js';
import type { Estimate } from '../statistics/estimate.js';

export type Cell = Scalar | null | undefined;

/** Every variant's score in every measure as comma-separated values (RFC 4180): a line a variant, task and number of shots. */
export function renderCsv(report: Report): string {
  const axes = report.axes.map(({ path }) => path);
  const costs = new Map(report.costs.map((cost) => [cost.variant, cost]));
  const lines = (names: readonly Cell[], measure: ReportedMeasure): Cell[][] =>
    measure.variants.map((score) => {
      const variant = report.variants[score.variant - 1]!;
      const cost = costs.get(score.variant);
      return [
        ...names,
        ...[measure.shots, measure.lowerIsBetter, measure.chance, score.variant, variant.key],
        ...axes.map((path) => variant.settings[path]),
        ...ends(score),
        ...[score.n, score.interval, ...ends(score.blind), ...ends(score.shuffled), score.beats],
        ...[cost?.flops, cost?.seconds],
      ];
    });
  const titles = [
    ...['run', 'measure', 'group', 'metric', 'items', 'shots', 'lower_is_better', 'chance', 'variant', 'key'],
    ...axes,
    ...['mean', 'low', 'high', 'seeds', 'interval_over'],
    ...['blind', 'blind_low', 'blind_high', 'shuffled', 'shuffled_low', 'shuffled_high', 'beats_controls'],
    ...['operations', 'seconds'],
  ];
  const { id } = report.run;
  const rows = [
    ...report.tasks.flatMap((task) => lines([id, task.task, task.group, task.metric, task.items], task)),
    ...report.means.flatMap((mean) => lines([id, `mean of ${mean.mean}`, null, 'mean', null], mean)),
  ];
  return csvText([titles, ...rows]);
}

/** Lines of comma-separated values (RFC 4180). */
export function csvText(rows: readonly (readonly Cell[])[]): string {
  return rows.map((row) => `${row.map(cellText).join(',')}\r\n`).join('');
}

function ends(estimate: Estimate | null): Cell[] {
  return [estimate?.mean, estimate?.low, estimate?.high];
}

function cellText(cell: Cell): string {
  const text = cell === null || cell === undefined ? '' : String(cell);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
