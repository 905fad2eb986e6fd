import type { Random } from '../../../random.js';
import { place } from '../place.js';
import type { Chart } from '../scene.js';
import { CHART, chartThing, oneOf, someOf } from '../things.js';
import { COLOUR_NAMES, type Grade } from '../vocabulary.js';
import type { Skill } from './skill.js';

/** No two of them give the same value at one of the ticks, so an answer needs the axis as much as the bar. */
const STEPS = [3, 5, 7, 11];
const BARS = 3;

/** A chart with random bars, not yet in its place. */
export function randomChart(grade: Grade, stream: Random): Chart {
  const [frame, ...colours] = someOf(COLOUR_NAMES, 1 + BARS, stream);
  const bars = colours.map((colour) => ({ colour, ticks: 1 + stream.below(CHART.ticks) }));
  return chartThing(frame!, oneOf(STEPS, stream), bars, grade, stream);
}

/** Reads a bar of a chart against the numbers of its axis. */
export const chart: Skill = {
  chance: () => 1 / (STEPS.length * CHART.ticks),
  compose(grade, _split, stream) {
    const chart = randomChart(grade, stream);
    return {
      things: place([chart], stream),
      questions: chart.bars.map(({ colour, ticks }) => ({
        question: `What is the value of the ${colour} bar?`,
        answer: String(ticks * chart.step),
      })),
    };
  },
};
