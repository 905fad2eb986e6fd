import { paperLearningRate } from '../config/paper-rate.js';
import { groupedBy, type Measure, type Observation, type RunRecord } from './observations.js';
import { mean } from './statistics/descriptive.js';
import { type Estimate, estimate } from './statistics/estimate.js';

/** The best learning rate of one size. */
export interface BestRate {
  /** Of the language model, without embeddings. */
  readonly parameters: number;
  /** Geometric mean over seeds. */
  readonly rate: number;
  /** Of MM1's line at that size. */
  readonly paper: number;
  /** Number of seeds whose best rate is the least or the greatest that was tried: the best of all may lie beyond. */
  readonly atEdge: number;
}

/** A line through the best learning rates of several sizes, on logarithmic scales, fitted seed by seed. */
export interface RateLaw {
  readonly sizes: readonly BestRate[];
  readonly slope: Estimate;
  readonly intercept: Estimate;
}

interface Tried {
  readonly seed: number;
  readonly parameters: number;
  readonly rate: number;
  readonly value: number;
}

/**
 * How the best learning rate changes with size, as MM1 fitted it from a grid of rates and sizes. The best rate of a size and a seed is
 * the peak of a parabola in ln rate through the best one tried and its neighbours, or the best one tried where it has but one.
 * Other axes are averaged over.
 * @returns null of a run that has not tried three rates at each of two sizes
 */
export function rateLaw({ trials, stages, trialStages }: RunRecord, measure: Measure): RateLaw | null {
  const trainings = new Map(stages.filter(({ kind }) => kind === 'pretrain').map(({ key, summary }) => [key, summary]));
  const triedOf = ({ variant, seed, value }: Observation): Tried[] => {
    const trial = trials.find((each) => each.variantId === variant.id && each.seed === seed);
    const key = trial && trialStages.get(trial.id)?.find((each) => trainings.has(each));
    const { 'parameters without embeddings': parameters, 'learning rate': rate } = (key && trainings.get(key)) || {};
    if (typeof parameters !== 'number' || typeof rate !== 'number') return [];
    return [{ seed, parameters, rate, value: measure.lowerIsBetter ? -value : value }];
  };
  const bySeed = groupedBy(measure.observed.asked.flatMap(triedOf), ({ seed }) => seed);
  const fitted = [...bySeed]
    .sort(([a], [b]) => a - b)
    .flatMap(([, own]) => {
      const bySize = [...groupedBy(own, ({ parameters }) => parameters)].sort(([a], [b]) => a - b);
      const best = bySize.flatMap(([parameters, tried]) => bestRate(tried, parameters) ?? []);
      return best.length < 2 || best.length < bySize.length ? [] : [best];
    });
  const [first] = fitted;
  if (!first || fitted.some((best) => best.length !== first.length)) return null;
  const lines = fitted.map((best) => line(best.map(({ parameters, rate }) => [Math.log(parameters), Math.log(rate)])));
  const over = (values: number[]) => estimate({ values, answers: values.map(() => []), concepts: [] });
  return {
    sizes: first.map(({ parameters }, i) => ({
      parameters,
      rate: Math.exp(mean(fitted.map((best) => Math.log(best[i]!.rate)))),
      paper: paperLearningRate(parameters),
      atEdge: fitted.filter((best) => best[i]!.atEdge).length,
    })),
    slope: over(lines.map(({ slope }) => slope)),
    intercept: over(lines.map(({ intercept }) => intercept)),
  };
}

/** @returns null where fewer than three rates were tried */
function bestRate(
  tried: readonly Tried[],
  parameters: number,
): { parameters: number; rate: number; atEdge: boolean } | null {
  const points = [...groupedBy(tried, ({ rate }) => rate)]
    .map(([rate, own]) => ({ x: Math.log(rate), y: mean(own.map(({ value }) => value)) }))
    .sort((a, b) => a.x - b.x);
  if (points.length < 3) return null;
  const top = points.reduce((best, point, i) => (point.y > points[best]!.y ? i : best), 0);
  const [before, at, after] = [points[top - 1], points[top]!, points[top + 1]];
  if (!before || !after) return { parameters, rate: Math.exp(at.x), atEdge: true };
  return { parameters, rate: Math.exp(peak(before, at, after)), atEdge: false };
}

interface Point {
  readonly x: number;
  readonly y: number;
}

/** Where a parabola through three points is highest, of which the middle one is no lower than the others. */
function peak(a: Point, b: Point, c: Point): number {
  const [left, right] = [(b.x - a.x) * (b.y - c.y), (b.x - c.x) * (b.y - a.y)];
  if (left === right) return b.x;
  return b.x - (0.5 * ((b.x - a.x) * left - (b.x - c.x) * right)) / (left - right);
}

/** Least squares. */
function line(points: readonly (readonly [number, number])[]): { slope: number; intercept: number } {
  const [centreX, centreY] = [mean(points.map(([x]) => x)), mean(points.map(([, y]) => y))];
  const spread = points.reduce((sum, [x]) => sum + (x - centreX) ** 2, 0);
  const slope = points.reduce((sum, [x, y]) => sum + (x - centreX) * (y - centreY), 0) / spread;
  return { slope, intercept: centreY - slope * centreX };
}
