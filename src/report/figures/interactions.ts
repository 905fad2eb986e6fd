import type { Axis } from '../../config/plan.js';
import { mean } from '../statistics/descriptive.js';
import { leading } from '../verdict.js';
import type { Figure } from './figure.js';

/** Whether the effect of one axis depends on another: a line a level, parallel where it does not. Of full designs. */
export const interactions: Figure = ({ report }) => {
  const lead = leading(report);
  const { axes } = report;
  if (!lead || report.run.design.kind !== 'full' || axes.length < 2) return [];
  const pairs = axes.flatMap((a, i) =>
    axes.slice(i + 1).map((b) => (b.values.length > a.values.length ? [b, a] : [a, b])),
  );
  const cell = (across: Axis, line: Axis) =>
    across.values.flatMap((x) =>
      line.values.flatMap((level) => {
        const own = lead.variants.filter(({ variant }) => {
          const { settings } = report.variants[variant - 1]!;
          return settings[across.path] === x && settings[line.path] === level;
        });
        return own.length === 0
          ? []
          : [{ x: String(x), line: String(level), mean: mean(own.map((each) => each.mean)) }];
      }),
    );
  const drawn = pairs.map((pair) => {
    const [across, line] = pair as [Axis, Axis];
    return {
      width: Math.max(90, 50 * across.values.length),
      height: 170,
      data: { values: cell(across, line) },
      mark: { type: 'line', point: true },
      encoding: {
        x: {
          field: 'x',
          type: 'nominal',
          title: across.path,
          sort: across.values.map(String),
          axis: { labelAngle: -30 },
        },
        y: { field: 'mean', type: 'quantitative', title: 'score', scale: { zero: false } },
        color: { field: 'line', type: 'nominal', title: line.path, sort: line.values.map(String) },
        strokeDash: { field: 'line', type: 'nominal', title: line.path, sort: line.values.map(String) },
      },
    };
  });
  return [
    {
      title: 'Do the axes depend on each other?',
      description:
        'A line for each level of one axis over the levels of another: parallel lines mean that they do not.',
      spec: { columns: 2, concat: drawn, resolve: { scale: { color: 'independent', strokeDash: 'independent' } } },
    },
  ];
};
