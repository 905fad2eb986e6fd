import { unbalancedNotes } from '../measure-tables.js';
import { leading } from '../verdict.js';
import { type Figure, INK } from './figure.js';

/** Each level of each axis with its interval: the main effects. */
export const mainEffects: Figure = ({ report }) => {
  const lead = leading(report);
  const effects = (lead?.effects ?? []).filter(({ span }) => span !== null);
  if (effects.length === 0) return [];
  const values = effects.flatMap(({ axis, levels }) =>
    levels.flatMap(({ level, mean, low, high }) =>
      mean === null ? [] : [{ axis, level: String(level), mean, low, high }],
    ),
  );
  const drawn = effects.map(({ axis, levels }) => {
    const across = {
      x: {
        field: 'level',
        type: 'nominal',
        title: axis,
        sort: levels.map(({ level }) => String(level)),
        axis: { labelAngle: -30 },
      },
    } as const;
    const scale = { zero: false };
    return {
      width: Math.max(80, 45 * levels.length),
      height: 180,
      transform: [{ filter: { field: 'axis', equal: axis } }],
      layer: [
        {
          mark: { type: 'rule', color: INK },
          encoding: {
            ...across,
            y: { field: 'low', type: 'quantitative', title: 'score', scale },
            y2: { field: 'high' },
          },
        },
        {
          mark: { type: 'point', filled: true, size: 70 },
          encoding: { ...across, y: { field: 'mean', type: 'quantitative', scale } },
        },
      ],
    };
  });
  const told = values.map(({ axis, level, mean }) => `${axis} ${level} ${mean.toFixed(1)}`).join(', ');
  return [
    {
      title: 'Effect of each axis',
      description: [`Means of all variants with each level: ${told}.`, ...unbalancedNotes(effects)].join(' '),
      spec: { data: { values }, columns: 3, concat: drawn, resolve: { scale: { y: 'shared' } } },
    },
  ];
};
