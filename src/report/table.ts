import { clean } from './clean.js';
import { labelledLines, wrap } from './layout.js';
import { leadTables } from './lead-tables.js';
import { isUnseen, type MeanName } from './means.js';
import { effectTable, type MeasureTitle, type TableOptions, variantTable } from './measure-tables.js';
import { mixtureTable } from './mixtures.js';
import type { Report, ReportedMean, ReportedMeasure, ReportedTask } from './report.js';
import { runHead } from './run-head.js';
import { settingsText } from './settings.js';

const MEAN_TITLES: Readonly<Record<MeanName, string>> = {
  mm1: "MM1'S MEAN, CAPTIONS AND QUESTIONS",
  captioning: 'MEAN OF CAPTIONS',
  vqa: 'MEAN OF QUESTIONS',
  textcore: 'MEAN OF TEXTCORE',
};

/**
 * The report as a person reads it in a terminal: the head, each task's variants best first and the effect of each axis,
 * the same for the means over tasks, then for concepts that training never showed, then what is missing and what failed.
 */
export function renderTables(report: Report, options: TableOptions): string {
  const { width, heading } = options;
  const unseen = report.tasks.filter(({ task }) => isUnseen(task));
  const tables = <Some extends ReportedMeasure>(list: readonly Some[], titleOf: (measure: Some) => MeasureTitle) => [
    ...list.map((measure) => variantTable(report, measure, titleOf(measure), options)),
    ...list.flatMap((measure) => effectTable(measure, titleOf(measure), options)),
  ];
  const blocks = [
    verdictBlock(report, options),
    runHead(report, width),
    ...tables(
      report.tasks.filter((task) => !unseen.includes(task)),
      taskTitle,
    ),
    ...tables(report.means.filter(tellsMore), meanTitle),
    ...leadTables(report, options),
    ...(unseen.length === 0 ? [] : [heading('CONCEPTS HELD OUT FROM TRAINING'), ...tables(unseen, taskTitle)]),
    ...report.mixtures.map((mixture) => mixtureTable(mixture, heading)),
    ...unfinished(report, options),
    ...failures(report, options),
    wrap(report.run.standIns, width).join('\n'),
  ];
  return `${blocks.join('\n\n')}\n`;
}

/** The verdict, before anything else. */
function verdictBlock({ verdict }: Report, { width, heading }: TableOptions): string {
  return [heading('VERDICT'), ...verdict.flatMap((sentence) => wrap(clean(sentence), width))].join('\n');
}

function taskTitle({ task, shots, metric, items }: ReportedTask): MeasureTitle {
  return { name: `${task}, ${shots}-shot: ${metric}`, about: `${items} items`, notes: [] };
}

/** Not so the mean of one task, and that of one group where there is no other for MM1's mean. */
function tellsMore({ mean, shots, averaged }: ReportedMean, _: number, all: readonly ReportedMean[]): boolean {
  const whole = all.find((other) => other.mean === 'mm1' && other.shots === shots);
  const part = mean === 'captioning' || mean === 'vqa';
  return averaged.length > 1 && !(part && whole?.averaged.length === averaged.length);
}

function meanTitle({ mean, shots, averaged, leftOut }: ReportedMean): MeasureTitle {
  const list = (tasks: ReportedMean['averaged']) => tasks.map(({ task, metric }) => `${task} (${metric})`).join(', ');
  return {
    name: `${MEAN_TITLES[mean]}, ${shots}-shot`,
    about: `${averaged.length} tasks`,
    notes: [
      `Unweighted, of ${list(averaged)}.`,
      ...(leftOut.length === 0 ? [] : [`Left out, for it is no accuracy: ${list(leftOut)}.`]),
    ],
  };
}

function unfinished({ variants }: Report, { width, heading }: TableOptions): string[] {
  const without = variants.filter(({ trials }) => !trials.some(({ status }) => status === 'done'));
  if (without.length === 0) return [];
  const lines = without.map(({ settings, trials }): [string, string] => {
    const states = trials.map(({ seed, status }) => `seed ${seed} ${status}`).join(', ');
    return ['-', `${settingsText(settings)} (${states})`];
  });
  return [`${heading('Variants without a finished trial')}\n${labelledLines(lines, width)}`];
}

function failures({ variants }: Report, { width, heading }: TableOptions): string[] {
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
