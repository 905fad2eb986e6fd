import { place } from '../place.js';
import { fillsOf } from '../split.js';
import { oneOf, shapeThing, someOf } from '../things.js';
import { COLOUR_NAMES, SHAPES } from '../vocabulary.js';
import type { Skill } from './skill.js';

const THINGS = 5;
/** Questions about one scene, where each has an answer of its own. */
const ASKED = 2;

/** Names the colour of a shape that is there once. */
export const colour: Skill = {
  chance: () => 1 / COLOUR_NAMES.length,
  compose(grade, split, stream) {
    const things = someOf(SHAPES, THINGS, stream).map((shape) =>
      shapeThing(oneOf(COLOUR_NAMES, stream), shape, grade, split, stream),
    );
    return {
      things: place(things, stream),
      questions: things.map(({ colour, shape }) => ({ question: `What colour is the ${shape}?`, answer: colour })),
    };
  },
};

/** Names the shape of a colour that is there once. */
export const shape: Skill = {
  chance: () => 1 / SHAPES.length,
  compose(grade, split, stream) {
    const things = someOf(COLOUR_NAMES, THINGS, stream).map((colour) =>
      shapeThing(colour, oneOf(SHAPES, stream), grade, split, stream),
    );
    return {
      things: place(things, stream),
      questions: things.map(({ colour, shape }) => ({ question: `What shape is the ${colour} one?`, answer: shape })),
    };
  },
};

/** Tells whether attributes belong to one thing: where they do not, the colour is one thing's and the shape another's. */
export const binding: Skill = {
  chance: () => 1 / 2,
  compose(grade, split, stream) {
    const shapes = someOf(SHAPES, THINGS, stream);
    const things = someOf(COLOUR_NAMES, THINGS, stream).map((colour, i) =>
      shapeThing(colour, shapes[i]!, grade, split, stream),
    );
    const questions = Array.from({ length: ASKED }, (_, i) => {
      const { colour, shape, fill } = things[i]!;
      if (stream.below(2) === 0) return { question: `Is there a ${fill} ${colour} ${shape}?`, answer: 'yes' };
      const other = things[(i + 1 + stream.below(THINGS - 1)) % THINGS]!.shape;
      const otherFill = oneOf(fillsOf(colour, other, split), stream);
      return { question: `Is there a ${otherFill} ${colour} ${other}?`, answer: 'no' };
    });
    return { things: place(things, stream), questions };
  },
};
