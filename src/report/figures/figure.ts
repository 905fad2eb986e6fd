import type { LearningCurve } from '../../store/run-reader.js';
import type { Report } from '../report.js';

/** What figures are drawn from. */
export interface FigureInput {
  readonly report: Report;
  readonly curves: readonly LearningCurve[];
}

/** A figure of the page. */
export interface FigureSpec {
  readonly title: string;
  /** What there is to see, for who cannot see it. */
  readonly description: string;
  /** In Vega-Lite's own words; what it leaves open is the page's. */
  readonly spec: object;
}

/** A kind of figure: none where there is nothing to draw. */
export type Figure = (input: FigureInput) => FigureSpec[];

/** Pixels of a drawing across. */
export const WIDTH = 560;

/** The page's own colour of letters. */
export const INK = 'currentColor';
