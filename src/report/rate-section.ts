import { PAPER_RATE_LAW } from '../config/paper-rate.js';
import { interval } from './figure.js';
import type { Report } from './report.js';
import type { Section } from './section.js';
import type { Estimate } from './statistics/estimate.js';

/** The best learning rate by size, and the line through them beside MM1's. */
export function rateSection({ rateLaw, run }: Report): Section[] {
  if (!rateLaw) return [];
  const { sizes, slope, intercept } = rateLaw;
  const rows = sizes.map(({ parameters, rate, paper, atEdge }) => [
    parameters.toLocaleString('en'),
    rate.toExponential(2),
    paper.toExponential(2),
    atEdge === 0 ? '' : `${atEdge} of ${slope.n} seeds`,
  ]);
  const right = (title: string) => ({ title, align: 'right' as const });
  const coefficient = (found: Estimate) => `${found.mean.toFixed(3)} ${interval(found, 3)}`;
  const edge = sizes.some(({ atEdge }) => atEdge > 0)
    ? ' Where the best rate is the least or the greatest that was tried, a better one may lie beyond, and the line says little.'
    : '';
  return [
    {
      title: 'BEST LEARNING RATE BY SIZE',
      tables: [{ columns: [right('parameters'), right('best rate'), right("MM1's rule"), right('at the edge')], rows }],
      after: [
        `Parameters without embeddings. ln rate = slope x ln parameters + intercept, fitted seed by seed: slope ${coefficient(slope)}, ` +
          `intercept ${coefficient(intercept)}; MM1's are ${PAPER_RATE_LAW.slope} and ${PAPER_RATE_LAW.intercept}, of pre-training from scratch at sizes ` +
          `up to 1.2B.${run.seeds.length === 1 ? ' One seed gives no interval.' : ''}${edge}`,
      ],
    },
  ];
}
