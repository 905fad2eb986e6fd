import { clean } from './clean.js';
import { gradeSections } from './grade-section.js';
import { leadSections } from './lead-tables.js';
import { isUnseen, type MeanName } from './means.js';
import { effectSection, type MeasureTitle, variantSection } from './measure-tables.js';
import { mixtureSection } from './mixtures.js';
import { rateSection } from './rate-section.js';
import type { Report, ReportedMean, ReportedMeasure, ReportedTask } from './report.js';
import { runHead } from './run-head.js';
import type { Section } from './section.js';
import { settingsText } from './settings.js';

/** A report as text and tables, whichever form they take. */
export interface ReportDocument {
  readonly title: string;
  /** Sentences. */
  readonly verdict: readonly string[];
  /** The run, where its numbers come from, and how they are to be read. */
  readonly head: readonly (readonly [label: string, text: string])[];
  readonly sections: readonly Section[];
  /** What the scale's names stand for. */
  readonly standIns: string;
}

const MEAN_TITLES: Readonly<Record<MeanName, string>> = {
  mm1: "MM1'S MEAN, CAPTIONS AND QUESTIONS",
  captioning: 'MEAN OF CAPTIONS',
  vqa: 'MEAN OF QUESTIONS',
  textcore: 'MEAN OF TEXTCORE',
};

/**
 * The verdict; the head; each task's variants best first and the effect of each axis, the same for the means over tasks; what the
 * measure that decides comes to; concepts that training never showed; then what is missing and what failed.
 */
export function documentOf(report: Report): ReportDocument {
  const unseen = report.tasks.filter(({ task }) => isUnseen(task));
  const sections = <Some extends ReportedMeasure>(list: readonly Some[], titleOf: (measure: Some) => MeasureTitle) => [
    ...list.map((measure) => variantSection(report, measure, titleOf(measure))),
    ...list.flatMap((measure) => effectSection(measure, titleOf(measure))),
  ];
  return {
    title: clean(report.run.question ?? report.run.name),
    verdict: report.verdict.map(clean),
    head: runHead(report),
    sections: [
      ...sections(
        report.tasks.filter((task) => !unseen.includes(task)),
        taskTitle,
      ),
      ...sections(report.means.filter(tellsMore), meanTitle),
      ...leadSections(report),
      ...gradeSections(report),
      ...rateSection(report),
      ...(unseen.length === 0 ? [] : [{ title: 'CONCEPTS HELD OUT FROM TRAINING' }, ...sections(unseen, taskTitle)]),
      ...report.mixtures.map(mixtureSection),
      ...unfinished(report),
      ...failures(report),
    ],
    standIns: report.run.standIns,
  };
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

function unfinished({ variants }: Report): Section[] {
  const without = variants.filter(({ trials }) => !trials.some(({ status }) => status === 'done'));
  if (without.length === 0) return [];
  const lines = without.map(({ settings, trials }): [string, string] => {
    const states = trials.map(({ seed, status }) => `seed ${seed} ${status}`).join(', ');
    return ['-', `${settingsText(settings)} (${states})`];
  });
  return [{ title: 'Variants without a finished trial', list: lines }];
}

function failures({ variants }: Report): Section[] {
  const lines = variants.flatMap(({ settings, trials }) =>
    trials
      .filter(({ status }) => status === 'failed')
      .map(({ seed, error }): [string, string] => [
        '-',
        `${settingsText(settings)}, seed ${seed}: ${clean(error ?? 'no reason was recorded')}`,
      ]),
  );
  return lines.length === 0 ? [] : [{ title: 'Failed trials', list: lines }];
}
