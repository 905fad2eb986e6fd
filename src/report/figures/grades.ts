import { GRADES } from '../../data/world/vocabulary.js';
import { lookText } from '../grade-section.js';
import type { Figure } from './figure.js';

/** Skills of the world by grade of detail, a line for each way to show pictures, with intervals. */
export const grades: Figure = ({
  report: {
    grades: { scores },
  },
}) => {
  const own = scores.filter(({ shots }) => shots === Math.min(...scores.map((each) => each.shots)));
  if (own.length === 0) return [];
  const tasks = [...new Set(own.map(({ task }) => task))];
  const x = { field: 'grade', type: 'ordinal', title: 'detail', sort: [...GRADES] };
  const color = { field: 'pictures', type: 'nominal', title: 'pictures' };
  const xOffset = { field: 'pictures' };
  const drawn = tasks.map((task) => ({
    title: task,
    width: 170,
    height: 150,
    data: {
      values: own.filter((each) => each.task === task).map((each) => ({ ...each, pictures: lookText(each) })),
    },
    layer: [
      {
        mark: 'rule',
        encoding: {
          x,
          xOffset,
          color,
          y: { field: 'low', type: 'quantitative', title: 'score' },
          y2: { field: 'high' },
        },
      },
      {
        mark: { type: 'line', point: true },
        encoding: { x, xOffset, color, y: { field: 'mean', type: 'quantitative', title: 'score' } },
      },
    ],
  }));
  return [
    {
      title: 'Skills by detail and resolution',
      description: `Means over variants and seeds with 95% intervals, from tiny details to huge ones, of ${tasks.join(', ')}.`,
      spec: { columns: 3, concat: drawn },
    },
  ];
};
