import { GRADES } from '../../data/world/vocabulary.js';
import type { Figure } from './figure.js';

/** Skills of the world by grade of detail, a line a resolution. */
export const grades: Figure = ({ report }) => {
  const own = report.grades.filter(({ shots }) => shots === Math.min(...report.grades.map((each) => each.shots)));
  if (own.length === 0) return [];
  const tasks = [...new Set(own.map(({ task }) => task))];
  const drawn = tasks.map((task) => ({
    title: task,
    width: 170,
    height: 150,
    data: {
      values: own
        .filter((each) => each.task === task)
        .map((each) => ({ ...each, resolution: `${each.resolution} px` })),
    },
    mark: { type: 'line', point: true },
    encoding: {
      x: { field: 'grade', type: 'ordinal', title: 'detail', sort: [...GRADES] },
      y: { field: 'mean', type: 'quantitative', title: 'score' },
      color: { field: 'resolution', type: 'nominal', title: 'pictures' },
    },
  }));
  return [
    {
      title: 'Skills by detail and resolution',
      description: `Means over variants and seeds, from tiny details to huge ones, of ${tasks.join(', ')}.`,
      spec: { columns: 3, concat: drawn },
    },
  ];
};
