import type { Axis } from '../../config/plan.js';
import { leading } from '../verdict.js';
import { type Figure, INK, WIDTH } from './figure.js';

/** Grouped bars with intervals, in the form of MM1's figure 4: one axis across, one as colours, one as panels. */
export const scores: Figure = ({ report }) => {
  const lead = leading(report);
  if (!lead || lead.variants.length === 0) return [];
  const [across, colour, panel, ...others] = byLevels(report.axes);
  const values = lead.variants.map(({ variant, mean, low, high }) => {
    const { settings } = report.variants[variant - 1]!;
    const rest = others.map(({ path }) => `${path} ${settings[path] ?? '-'}`).join(', ');
    const at = (axis: Axis | undefined) => (axis ? String(settings[axis.path] ?? '-') : '');
    const x = at(across) + (rest ? ` (${rest})` : '');
    return { x, colour: at(colour), panel: at(panel), mean, low, high, variant };
  });
  const sorted = (axis: Axis | undefined) => (axis && others.length === 0 ? { sort: axis.values.map(String) } : {});
  const place = {
    x: { field: 'x', type: 'nominal', title: across?.path ?? null, axis: { labelAngle: -30 }, ...sorted(across) },
    ...(colour && { xOffset: { field: 'colour', ...sorted(colour) } }),
  } as const;
  const bars = {
    width: Math.max(90, Math.floor(WIDTH / (panel?.values.length ?? 1)) - 25),
    height: 220,
    layer: [
      {
        mark: { type: 'bar' },
        encoding: {
          ...place,
          y: { field: 'mean', type: 'quantitative', title: 'score' },
          ...(colour && { color: { field: 'colour', type: 'nominal', title: colour.path, ...sorted(colour) } }),
        },
      },
      {
        mark: { type: 'rule', strokeWidth: 1.5, color: INK },
        encoding: { ...place, y: { field: 'low', type: 'quantitative' }, y2: { field: 'high' } },
      },
      { mark: { type: 'rule', strokeDash: [4, 4], color: INK, opacity: 0.6 }, encoding: { y: { datum: lead.chance } } },
    ],
  } as const;
  const told = values.map(({ variant, mean }) => `variant ${variant} ${mean.toFixed(1)}`).join(', ');
  return [
    {
      title: 'Every variant with its 95% interval',
      description: `Best first: ${told}. The dashed line is chance, ${lead.chance.toFixed(1)}.`,
      spec: panel
        ? { data: { values }, facet: { column: { field: 'panel', title: panel.path, ...sorted(panel) } }, spec: bars }
        : { data: { values }, ...bars },
    },
  ];
};

/** Axes by the number of their levels: the one of most stands across. */
function byLevels(axes: readonly Axis[]): readonly Axis[] {
  return [...axes].sort((a, b) => b.values.length - a.values.length);
}
