import { place } from '../place.js';
import { dialThing, someOf } from '../things.js';
import { COLOUR_NAMES, HOURS } from '../vocabulary.js';
import type { Skill } from './skill.js';

const DIALS = 3;

/** Reads the hand of a dial. */
export const dial: Skill = {
  chance: () => 1 / HOURS,
  compose(grade, _split, stream) {
    const dials = someOf(COLOUR_NAMES, DIALS, stream).map((colour) =>
      dialThing(colour, 1 + stream.below(HOURS), grade, stream),
    );
    return {
      things: place(dials, stream),
      questions: dials.map(({ colour, hour }) => ({
        question: `What hour does the ${colour} dial show?`,
        answer: String(hour),
      })),
    };
  },
};
