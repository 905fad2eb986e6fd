import { GRADES } from '../data/world/vocabulary.js';
import { figure, interval, probability } from './figure.js';
import type { GradePair, Look } from './grades.js';
import { groupedBy } from './observations.js';
import type { Report } from './report.js';
import type { Section } from './section.js';

/** How pictures are shown: `336 px`, or `336 px of 224 px` where they show no more than they would at 224. */
export function lookText({ resolution, detail }: Look): string {
  return detail === null ? `${resolution} px` : `${resolution} px of ${detail} px`;
}

/** Skills of the world by grade of detail, a table a task; where pictures are shown in several ways, these on the finest grade. */
export function gradeSections({ grades }: Report): Section[] {
  const tasks = groupedBy(grades.scores, ({ task, shots }) => `${task}, ${shots}-shot`);
  return [...tasks].map(([title, scores]) => {
    const shown = GRADES.filter((grade) => scores.some((score) => score.grade === grade));
    const rows = [...groupedBy(scores, lookText)].map(([look, own]) => [
      look,
      ...shown.map((grade) => {
        const score = own.find((each) => each.grade === grade);
        return score ? `${figure(score.mean)}\n${interval(score)}` : '-';
      }),
    ]);
    const columns = [{ title: 'pictures' }, ...shown.map((grade) => ({ title: grade, align: 'right' as const }))];
    const { task, shots, grade: finest } = scores[0]!;
    const pairs = grades.pairs.filter((pair) => pair.task === task && pair.shots === shots && pair.grade === finest);
    return {
      title: `${title}: by grade of detail`,
      tables: [{ columns, rows }],
      after: pairs.map(pairLine),
    };
  });
}

function pairLine({ grade, looks: [better, worse], holm, ...found }: GradePair): string {
  const more = `${figure(found.difference)} ${interval(found)}`;
  return `On what is ${grade}, ${lookText(better)} scores ${more} more than ${lookText(worse)} (p ${probability(holm)}), all else equal.`;
}
