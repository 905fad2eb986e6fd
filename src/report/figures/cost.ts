import { paretoFront } from '../costs.js';
import { leading } from '../verdict.js';
import { type Figure, INK, WIDTH } from './figure.js';

/** Score against cost with the Pareto front. */
export const cost: Figure = ({ report }) => {
  const lead = leading(report);
  if (!lead) return [];
  const priced = report.costs.flatMap(({ variant, flops }) => {
    const score = lead.variants.find((each) => each.variant === variant);
    return score && flops !== null
      ? [{ variant, score: score.mean, cost: flops, low: score.low, high: score.high }]
      : [];
  });
  if (priced.length < 2) return [];
  const front = paretoFront(priced, lead.lowerIsBetter);
  const across = {
    x: {
      field: 'cost',
      type: 'quantitative',
      title: 'operations (FLOP), a variant by itself',
      scale: { zero: false },
      axis: { format: '.3~s', tickCount: 6 },
    },
  } as const;
  const up = { field: 'score', type: 'quantitative', title: 'score', scale: { zero: false } } as const;
  return [
    {
      title: 'Score against cost',
      description: `The front, cheapest first: ${front.map(({ variant, score }) => `variant ${variant} ${score.toFixed(1)}`).join(', ')}.`,
      spec: {
        width: WIDTH,
        height: 240,
        layer: [
          {
            data: { values: priced },
            mark: { type: 'rule', opacity: 0.35, color: INK },
            encoding: {
              ...across,
              y: { field: 'low', type: 'quantitative', scale: { zero: false } },
              y2: { field: 'high' },
            },
          },
          {
            data: { values: front },
            mark: { type: 'line', interpolate: 'step-after', strokeDash: [5, 3], color: INK },
            encoding: { ...across, y: up },
          },
          { data: { values: priced }, mark: { type: 'point', filled: true, size: 60 }, encoding: { ...across, y: up } },
          {
            data: { values: front },
            mark: { type: 'text', dy: -10, color: INK },
            encoding: { ...across, y: up, text: { field: 'variant' } },
          },
        ],
      },
    },
  ];
};
