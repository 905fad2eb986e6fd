import type { Axis } from '../config/plan.js';
import type { VariantScore } from './compare.js';
import type { Effect } from './effects.js';
import { figure, interval, probability } from './figure.js';
import { type Column, columnTable, widthOf, wrap } from './layout.js';
import type { Report, ReportedMeasure, ReportedVariant } from './report.js';

export interface TableOptions {
  /** Columns of the terminal. */
  readonly width: number;
  /** Sets a heading off from the text. */
  readonly heading: (text: string) => string;
}

/** What stands above the tables of a measure. */
export interface MeasureTitle {
  /** Of both tables. */
  readonly name: string;
  /** Behind the name, of the variants' table: what its numbers are of. */
  readonly about: string;
  /** Below the heading of the variants' table. */
  readonly notes: readonly string[];
}

/** The variants of a measure, best first. */
export function variantTable(
  report: Report,
  measure: ReportedMeasure,
  { name, about, notes }: MeasureTitle,
  { width, heading }: TableOptions,
): string {
  const wide = rankedTable(report, measure, settingColumns(report.axes));
  const narrow = rankedTable(report, measure, [SETTINGS_IN_ONE]);
  const table = widthOf(wide) > width && widthOf(narrow) < widthOf(wide) ? narrow : wide;
  const title = headingOf(`${name}, ${about}, chance ${figure(measure.chance)}`, measure, { width, heading });
  const below = noiseLine(measure);
  return [
    title,
    ...notes.flatMap((note) => wrap(note, width)),
    table,
    ...below.flatMap((note) => wrap(note, width)),
  ].join('\n');
}

/** How much of the table may be noise. */
function noiseLine({ noise: { seeds, detectable } }: ReportedMeasure): string[] {
  const parts = [
    ...(seeds === null ? [] : [`seeds of one variant differ by ${figure(seeds)} (standard deviation)`]),
    ...(detectable === null ? [] : [`a difference of ${figure(detectable)} is found four times in five`]),
  ];
  return parts.length === 0 ? [] : [`Noise: ${parts.join('; ')}.`];
}

/** A title, with what a reader must know before the numbers: each on a line of its own where one has no room for all. */
function headingOf(
  title: string,
  { lowerIsBetter, beaten }: ReportedMeasure,
  { width, heading }: TableOptions,
): string {
  const marks = [...(lowerIsBetter ? ['lower is better'] : []), ...(beaten ? [] : ['no variant beats its controls'])];
  const whole = marks.length === 0 ? title : `${title} (${marks.join('; ')})`;
  const lines = whole.length <= width ? [whole] : [...wrap(title, width), ...marks];
  return lines.map(heading).join('\n');
}

/** A column that shows something of a variant's settings. */
interface SettingColumn extends Column {
  readonly text: (settings: ReportedVariant['settings']) => string;
}

function settingColumns(axes: readonly Axis[]): SettingColumn[] {
  return axes.map(({ path, values }) => ({
    title: path.replaceAll('.', '\n'),
    align: values.every((value) => typeof value === 'number') ? 'right' : 'left',
    text: (settings) => String(settings[path] ?? '-'),
  }));
}

/** For a grid of more axes than the terminal has room for. */
const SETTINGS_IN_ONE: SettingColumn = {
  title: 'settings',
  text: (settings) =>
    Object.entries(settings)
      .map(([path, value]) => `${path} ${value}`)
      .join('\n'),
};

function rankedTable(
  { run, variants }: Report,
  { variants: ranked }: ReportedMeasure,
  settings: readonly SettingColumn[],
): string {
  const controls = (['blind', 'shuffled'] as const).filter((control) =>
    ranked.some((score) => score[control] !== null),
  );
  const columns: Column[] = [
    { title: '#', align: 'right' },
    ...settings,
    { title: 'mean', align: 'right' },
    { title: '95% interval', align: 'right' },
    { title: 'n', align: 'right' },
    ...controls.map((control): Column => ({ title: control, align: 'right' })),
    { title: 'beats' },
  ];
  const lone = ({ interval: kind }: VariantScore) => kind === 'items' && run.seeds.length > 1;
  const mark = (score: VariantScore) => (lone(score) ? '*' : ' ');
  const marked = ranked.some(lone);
  const rows = ranked.map((score) => [
    String(score.variant),
    ...settings.map(({ text }) => text(variants[score.variant - 1]!.settings)),
    figure(score.mean),
    interval(score) + (marked ? mark(score) : ''),
    String(score.n),
    ...controls.map((control) => figure(score[control]?.mean ?? null)),
    verdict(score.beats),
  ]);
  return columnTable(columns, rows);
}

/** The axes of one measure, the one that matters most first; none of a grid without axes. */
export function effectTable(measure: ReportedMeasure, { name }: MeasureTitle, options: TableOptions): string[] {
  const effects = [...measure.effects].sort((a, b) => (b.span ?? -1) - (a.span ?? -1));
  if (effects.length === 0) return [];
  const columns: Column[] = [
    { title: 'axis, level' },
    { title: 'mean', align: 'right' },
    { title: '95% interval', align: 'right' },
    { title: 'n', align: 'right' },
    { title: 'behind the best', align: 'right' },
    { title: 'p', align: 'right' },
  ];
  const title = headingOf(`${name}: effect of each axis`, measure, options);
  return [`${title}\n${columnTable(columns, effects.flatMap(effectRows))}`];
}

function effectRows({ axis, levels, best, pairs }: Effect): string[][] {
  const rows = levels.map((level) => {
    const behind = pairs.find(({ levels: [first, second] }) => first === best && second === level.level);
    return [
      `  ${level.level}`,
      figure(level.mean),
      interval(level),
      String(level.n),
      behind ? `${figure(behind.difference)} ${interval(behind)}` : level.level === best ? 'best' : '-',
      behind ? probability(behind.holm) : '',
    ];
  });
  return [[axis, '', '', '', '', ''], ...rows];
}

function verdict(beats: boolean | null): string {
  if (beats === null) return '-';
  return beats ? 'yes' : 'no';
}
