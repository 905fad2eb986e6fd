import { stripVTControlCharacters } from 'node:util';
import type { Axis } from '../config/recipe.js';
import type { Effect } from './effects.js';
import { type Column, columnTable, labelledLines, widthOf, wrap } from './layout.js';
import { mixtureTable } from './mixtures.js';
import type { Report, ReportedRun, ReportedVariant, VariantScore } from './results.js';

export interface TableOptions {
  /** Columns of the terminal. */
  readonly width: number;
  /** Sets a heading off from the text. */
  readonly heading: (text: string) => string;
}

type Settings = ReportedVariant['settings'];
type Measured = Pick<VariantScore, 'task' | 'shots' | 'metric'>;

interface Ranked {
  readonly settings: Settings;
  readonly score: VariantScore;
}

/**
 * The report as a person reads it in a terminal: the head, each task's variants best first, the effect of each axis,
 * then the same for concepts that training never showed, then what is missing and what failed.
 */
export function renderTables(report: Report, { width, heading }: TableOptions): string {
  const all = measured(report);
  const unseen = all.filter(({ task }) => task.endsWith('-unseen'));
  const tables = (list: readonly Measured[]) => [
    ...list.map((measure) => variantTable(report, measure, width, heading)),
    ...list.flatMap((measure) => effectTable(report, measure, heading)),
  ];
  const blocks = [
    head(report, width),
    ...tables(all.filter((measure) => !unseen.includes(measure))),
    ...(unseen.length === 0 ? [] : [heading('CONCEPTS HELD OUT FROM TRAINING'), ...tables(unseen)]),
    ...report.mixtures.map((mixture) => mixtureTable(mixture, heading)),
    ...unfinished(report, width, heading),
    ...failures(report, width, heading),
    wrap(report.run.standIns, width).join('\n'),
  ];
  return `${blocks.join('\n\n')}\n`;
}

/** What was measured, in the order of the run's evaluation. */
function measured({ variants }: Report): Measured[] {
  const found = new Map<string, Measured>();
  for (const { task, shots, metric } of variants.flatMap(({ scores }) => scores)) {
    found.set(JSON.stringify([task, shots, metric]), { task, shots, metric });
  }
  return [...found.values()];
}

function same(a: Measured, b: Measured): boolean {
  return a.task === b.task && a.shots === b.shots && a.metric === b.metric;
}

function head({ run, variants }: Report, width: number): string {
  const { name, version, device } = run.engine;
  const lines: [string, string][] = [
    ['run', `${run.id} (${run.status})`],
    ...(run.question === null ? [] : [['question', clean(run.question)] as [string, string]]),
    ['scale', run.scale],
    ['engine', `${name} ${version} on ${device}`],
    ['data', run.data],
    ['seeds', run.seeds.join(', ')],
    ['trials', trialCounts(run)],
    ['started', moment(run.startedAt)],
    ['ended', run.finishedAt === null ? 'not yet' : moment(run.finishedAt)],
    ['intervals', intervalNote(run, variants)],
  ];
  return labelledLines(lines, width);
}

function trialCounts({ trials }: ReportedRun): string {
  const others = (['failed', 'running', 'pending'] as const).filter((status) => trials[status] > 0);
  const counts = [`${trials.done} of ${trials.planned} done`, ...others.map((status) => `${trials[status]} ${status}`)];
  const partial =
    trials.done > 0 && trials.done < trials.planned ? '; effects are over what all levels have finished' : '';
  return counts.join(', ') + partial;
}

function intervalNote({ seeds }: ReportedRun, variants: readonly ReportedVariant[]): string {
  if (seeds.length === 1) {
    return '95%, over items alone, for there is one seed: they do not say how much training varies; n counts seeds';
  }
  const lone = variants.some(({ scores }) => scores.some(({ interval }) => interval === 'items'));
  return `95%, Student's t over seeds; n counts seeds${lone ? '; * over items alone, for one seed is done' : ''}`;
}

/** `2026-11-22T18:15:30.000Z` to the minute. */
function moment(iso: string): string {
  return `${iso.slice(0, 16).replace('T', ' ')} UTC`;
}

function variantTable(report: Report, measure: Measured, width: number, heading: (text: string) => string): string {
  const ranked = report.variants
    .flatMap(({ settings, scores }) =>
      scores.filter((score) => same(score, measure)).map((score) => ({ settings, score })),
    )
    .sort((a, b) => b.score.mean - a.score.mean);
  const { items, chance } = ranked[0]!.score;
  const title = `${nameOf(measure)}, ${items} items, chance ${figure(chance)}`;
  const wide = rankedTable(report, ranked, settingColumns(report.axes));
  const narrow = rankedTable(report, ranked, [SETTINGS_IN_ONE]);
  const table = widthOf(wide) > width && widthOf(narrow) < widthOf(wide) ? narrow : wide;
  return `${heading(title)}\n${table}`;
}

/** A column that shows something of a variant's settings. */
interface SettingColumn extends Column {
  readonly text: (settings: Settings) => string;
}

function settingColumns(axes: readonly Axis[]): SettingColumn[] {
  return axes.map(({ path, values }) => ({
    title: path.replaceAll('.', '\n'),
    align: values.every((value) => typeof value === 'number') ? 'right' : 'left',
    text: (settings) => String(settings[path]),
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

function rankedTable({ run }: Report, ranked: readonly Ranked[], settings: readonly SettingColumn[]): string {
  const blind = ranked.some(({ score }) => score.blind !== null);
  const columns: Column[] = [
    { title: '#', align: 'right' },
    ...settings,
    { title: 'mean', align: 'right' },
    { title: '95% interval', align: 'right' },
    { title: 'n', align: 'right' },
    ...(blind ? [{ title: 'blind', align: 'right' } as const, { title: 'beats\nblind' }] : []),
  ];
  const lone = ({ interval: kind }: VariantScore) => kind === 'items' && run.seeds.length > 1;
  const mark = (score: VariantScore) => (lone(score) ? '*' : ' ');
  const marked = ranked.some(({ score }) => lone(score));
  const rows = ranked.map(({ settings: values, score }, index) => [
    String(index + 1),
    ...settings.map(({ text }) => text(values)),
    figure(score.mean),
    interval(score) + (marked ? mark(score) : ''),
    String(score.n),
    ...(blind ? [figure(score.blind), verdict(score.beatsBlind)] : []),
  ]);
  return columnTable(columns, rows);
}

/** The axes of one task, the one that matters most first. */
function effectTable({ effects }: Report, measure: Measured, heading: (text: string) => string): string[] {
  const own = effects.filter((effect) => same(effect, measure)).sort((a, b) => (b.span ?? -1) - (a.span ?? -1));
  if (own.length === 0) return [];
  const columns: Column[] = [
    { title: 'axis' },
    { title: 'level' },
    { title: 'mean', align: 'right' },
    { title: '95% interval', align: 'right' },
    { title: 'n', align: 'right' },
    { title: 'variants', align: 'right' },
    { title: 'span', align: 'right' },
  ];
  const title = `${nameOf(measure)}: effect of each axis`;
  return [`${heading(title)}\n${columnTable(columns, own.flatMap(effectRows))}`];
}

function effectRows({ axis, levels, span }: Effect): string[][] {
  return levels.map((level, index) => [
    index === 0 ? axis : '',
    String(level.level),
    figure(level.mean),
    interval(level),
    String(level.n),
    String(level.variants),
    index === 0 ? figure(span) : '',
  ]);
}

function unfinished({ variants }: Report, width: number, heading: (text: string) => string): string[] {
  const without = variants.filter(({ trials }) => !trials.some(({ status }) => status === 'done'));
  if (without.length === 0) return [];
  const lines = without.map(({ settings, trials }): [string, string] => {
    const states = trials.map(({ seed, status }) => `seed ${seed} ${status}`).join(', ');
    return ['-', `${settingsText(settings)} (${states})`];
  });
  return [`${heading('Variants without a finished trial')}\n${labelledLines(lines, width)}`];
}

function failures({ variants }: Report, width: number, heading: (text: string) => string): string[] {
  const lines = variants.flatMap(({ settings, trials }) =>
    trials
      .filter(({ status }) => status === 'failed')
      .map(({ seed, error }): [string, string] => [
        '-',
        `${settingsText(settings)}, seed ${seed}: ${clean(error ?? 'no reason was recorded')}`,
      ]),
  );
  return lines.length === 0 ? [] : [`${heading('Failed trials')}\n${labelledLines(lines, width)}`];
}

function settingsText(settings: Settings): string {
  const entries = Object.entries(settings).map(([path, value]) => `${path} ${value}`);
  return entries.length === 0 ? 'the only variant' : entries.join(', ');
}

function nameOf({ task, shots, metric }: Measured): string {
  return `${task}, ${shots}-shot: ${metric}`;
}

/** One place after the point, and never a negative zero. */
function figure(value: number | null): string {
  return value === null ? '-' : value.toFixed(1).replace(/^-(?=0\.0$)/, '');
}

function interval({ low, high }: { readonly low: number | null; readonly high: number | null }): string {
  return low === null || high === null ? '-' : `[${figure(low)}, ${figure(high)}]`;
}

function verdict(beats: boolean | null): string {
  if (beats === null) return '-';
  return beats ? 'yes' : 'no';
}

/** Text from outside, without the codes that would steer the terminal. */
function clean(text: string): string {
  return stripVTControlCharacters(text).trim();
}
