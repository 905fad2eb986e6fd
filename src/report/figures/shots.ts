import { type Figure, WIDTH } from './figure.js';

/** Most variants that are drawn as lines of their own. */
const MOST = 8;

/** MM1's mean over the number of shots: the best variants. */
export const shots: Figure = ({ report }) => {
  const means = report.means.filter(({ mean }) => mean === 'mm1');
  if (means.length < 2) return [];
  const best = means[0]!.variants.slice(0, MOST).map(({ variant }) => variant);
  const values = means.flatMap(({ shots: count, variants }) =>
    variants.flatMap(({ variant, mean, low, high }) =>
      best.includes(variant) ? [{ shots: count, mean, low, high, variant: `#${variant}` }] : [],
    ),
  );
  const across = { x: { field: 'shots', type: 'ordinal', title: 'shots', axis: { labelAngle: 0 } } } as const;
  const colour = { color: { field: 'variant', type: 'nominal', title: 'variant' } } as const;
  return [
    {
      title: 'Shots',
      description: `The mean over tasks of ${best.length} variants at ${means.map((each) => each.shots).join(', ')} shots.`,
      spec: {
        data: { values },
        width: WIDTH,
        height: 220,
        layer: [
          {
            mark: { type: 'line', point: true },
            encoding: {
              ...across,
              ...colour,
              y: { field: 'mean', type: 'quantitative', title: 'score', scale: { zero: false } },
            },
          },
          {
            mark: { type: 'rule', opacity: 0.4 },
            encoding: { ...across, ...colour, y: { field: 'low', type: 'quantitative' }, y2: { field: 'high' } },
          },
        ],
      },
    },
  ];
};
