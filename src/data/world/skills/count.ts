import { pluralOf } from '../phrases.js';
import { place } from '../place.js';
import { shapeThing, someOf } from '../things.js';
import { COLOUR_NAMES, SHAPES } from '../vocabulary.js';
import type { Skill } from './skill.js';

const KINDS = 2;
const MOST = 6;

/** Counts the shapes of a kind. */
export const count: Skill = {
  chance: () => 1 / MOST,
  compose(grade, split, stream) {
    const shapes = someOf(SHAPES, KINDS, stream);
    const kinds = someOf(COLOUR_NAMES, KINDS, stream).map((colour, i) => ({
      colour,
      shape: shapes[i]!,
      number: 1 + stream.below(MOST),
    }));
    const things = kinds.flatMap(({ colour, shape, number }) =>
      Array.from({ length: number }, () => shapeThing(colour, shape, grade, split, stream)),
    );
    return {
      things: place(things, stream),
      questions: kinds.map(({ colour, shape, number }) => ({
        question: `How many ${colour} ${pluralOf(shape)} are there?`,
        answer: String(number),
      })),
    };
  },
};
