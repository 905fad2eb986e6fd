import { directionFrom, place } from '../place.js';
import { oneOf, shapeThing, someOf } from '../things.js';
import { COLOUR_NAMES, DIRECTIONS, SHAPES } from '../vocabulary.js';
import type { Skill } from './skill.js';

const THINGS = 4;

/** Tells where a thing lies from another. */
export const relation: Skill = {
  chance: () => 1 / DIRECTIONS.length,
  compose(grade, split, stream) {
    const shapes = someOf(SHAPES, THINGS, stream);
    const direction = oneOf(DIRECTIONS, stream);
    const things = place(
      someOf(COLOUR_NAMES, THINGS, stream).map((colour, i) => shapeThing(colour, shapes[i]!, grade, split, stream)),
      stream,
      ([asked, from]) => directionFrom(asked!.box, from!.box) === direction,
    );
    const [asked, from] = things.map(({ colour, shape }) => `${colour} ${shape}`);
    return {
      things,
      questions: [{ question: `Where is the ${asked}, seen from the ${from}?`, answer: direction }],
    };
  },
};
