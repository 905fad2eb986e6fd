import type { Axis } from '../config/plan.js';
import type { VariantScore } from './compare.js';
import type { Effect } from './effects.js';
import { figure, interval, placesOf, probability } from './figure.js';
import type { Column } from './layout.js';
import type { Report, ReportedMeasure, ReportedVariant } from './report.js';
import type { Section, Table } from './section.js';
import { median } from './statistics/descriptive.js';

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
export function variantSection(
  report: Report,
  measure: ReportedMeasure,
  { name, about, notes }: MeasureTitle,
): Section {
  return {
    title: `${name}, ${about}, chance ${figure(measure.chance, placesOf(measure))}`,
    marks: marksOf(measure),
    notes,
    tables: [rankedTable(report, measure, settingColumns(report.axes))],
    narrow: rankedTable(report, measure, [SETTINGS_IN_ONE]),
    after: noiseLine(measure),
  };
}

/** How much of the table may be noise. */
function noiseLine(measure: ReportedMeasure): string[] {
  const { seeds, detectable } = measure.noise;
  const places = placesOf(measure);
  const parts = [
    ...(seeds === null ? [] : [`seeds of one variant differ by ${figure(seeds, places)} (standard deviation)`]),
    ...(detectable === null ? [] : [`a difference of ${figure(detectable, places)} is found four times in five`]),
  ];
  return parts.length === 0 ? [] : [`Noise: ${parts.join('; ')}.`];
}

/** What a reader must know before the numbers. */
function marksOf({ lowerIsBetter, beaten }: ReportedMeasure): string[] {
  return [...(lowerIsBetter ? ['lower is better'] : []), ...(beaten ? [] : ['no variant beats its controls'])];
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

function rankedTable({ run, variants }: Report, measure: ReportedMeasure, settings: readonly SettingColumn[]): Table {
  const { variants: ranked } = measure;
  const places = placesOf(measure);
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
    figure(score.mean, places),
    interval(score, places) + (marked ? mark(score) : ''),
    String(score.n),
    ...controls.map((control) => figure(score[control]?.mean ?? null, places)),
    verdict(score.beats),
  ]);
  return { columns, rows };
}

/** The axes of one measure, the one that matters most first; none of a grid without axes. */
export function effectSection(measure: ReportedMeasure, { name }: MeasureTitle): Section[] {
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
  const title = `${name}: effect of each axis`;
  return [
    {
      title,
      marks: marksOf(measure),
      tables: [{ columns, rows: effects.flatMap((effect) => effectRows(effect, placesOf(measure))) }],
      after: [...detectableLine(effects, placesOf(measure)), ...unbalancedNotes(effects)],
    },
  ];
}

/** The least difference between two levels of an axis that this design finds, the median over its pairs. */
function detectableLine(effects: readonly Effect[], places: number): string[] {
  const known = effects.filter(({ pairs }) => pairs.length > 0);
  if (known.length === 0) return [];
  const least = known.map(({ axis, pairs }) => {
    const typical = median(pairs.map(({ detectable }) => detectable));
    return `${figure(typical, places)} of ${axis}`;
  });
  return [`Noise: between levels, a difference of ${least.join(', ')} is found four times in five.`];
}

/** Which axes' levels are not all tried beside the same settings of the others: their means do not say how far apart they are. */
export function unbalancedNotes(effects: readonly Effect[]): string[] {
  return effects
    .filter(({ balanced }) => !balanced)
    .map(({ axis, levels }) => {
      const counts = levels.flatMap(({ level, variants }) => (variants === 0 ? [] : [`${level} ${variants}`]));
      return `Not all levels of ${axis} stand beside the same settings of the other axes (variants: ${counts.join(', ')}): a mean is over a level's own, a difference over those that both have.`;
    });
}

function effectRows({ axis, levels, best, pairs }: Effect, places: number): string[][] {
  const rows = levels.map((level) => {
    const behind = pairs.find(({ levels: [first, second] }) => first === best && second === level.level);
    return [
      `  ${level.level}`,
      figure(level.mean, places),
      interval(level, places),
      String(level.n),
      behind ? `${figure(behind.difference, places)} ${interval(behind, places)}` : level.level === best ? 'best' : '-',
      behind ? probability(behind.holm) : '',
    ];
  });
  return [[axis, '', '', '', '', ''], ...rows];
}

function verdict(beats: boolean | null): string {
  if (beats === null) return '-';
  return beats ? 'yes' : 'no';
}
