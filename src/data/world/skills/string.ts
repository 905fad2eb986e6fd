import { place } from '../place.js';
import { stringsOf } from '../split.js';
import { oneOf, signThing, someOf } from '../things.js';
import { COLOUR_NAMES } from '../vocabulary.js';
import type { Skill } from './skill.js';

const SIGNS = 4;

/** Reads a sign: nothing but its pixels tells what it says. */
export const string: Skill = {
  chance: (split) => 1 / stringsOf(split).length,
  compose(grade, split, stream) {
    const signs = someOf(COLOUR_NAMES, SIGNS, stream).map((colour) =>
      signThing(colour, oneOf(stringsOf(split), stream), grade, stream),
    );
    return {
      things: place(signs, stream),
      questions: signs.map(({ colour, text }) => ({ question: `What does the ${colour} sign say?`, answer: text })),
    };
  },
};
