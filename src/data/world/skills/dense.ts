import { place } from '../place.js';
import type { Thing } from '../scene.js';
import { stringsOf } from '../split.js';
import { dialThing, oneOf, shapeThing, signThing, someOf } from '../things.js';
import { COLOUR_NAMES, type Grade, HOURS, SHAPES } from '../vocabulary.js';
import { randomChart } from './chart.js';
import type { Skill } from './skill.js';

/** Things in a scene: as many as there is room for. */
const CROWD: Readonly<Record<Grade, { readonly signs: number; readonly shapes: number; readonly charts: number }>> = {
  tiny: { signs: 12, shapes: 12, charts: 1 },
  small: { signs: 12, shapes: 12, charts: 1 },
  medium: { signs: 9, shapes: 9, charts: 1 },
  large: { signs: 6, shapes: 6, charts: 0 },
  huge: { signs: 3, shapes: 4, charts: 0 },
};

/** Finds one sign among many things by what it says, and names its colour. */
export const dense: Skill = {
  chance: () => 1 / COLOUR_NAMES.length,
  compose(grade, split, stream) {
    const crowd = CROWD[grade];
    const charts = Array.from({ length: crowd.charts }, () => randomChart(grade, stream));
    const dial = dialThing(oneOf(COLOUR_NAMES, stream), 1 + stream.below(HOURS), grade, stream);
    const signs = someOf(stringsOf(split), crowd.signs, stream).map((text) =>
      signThing(oneOf(COLOUR_NAMES, stream), text, grade, stream),
    );
    const shapes = Array.from({ length: crowd.shapes }, () =>
      shapeThing(oneOf(COLOUR_NAMES, stream), oneOf(SHAPES, stream), grade, split, stream),
    );
    return {
      things: place<Thing>([...charts, dial, ...signs, ...shapes], stream),
      questions: signs.map(({ colour, text }) => ({
        question: `What colour is the sign that says ${text}?`,
        answer: colour,
      })),
    };
  },
};
