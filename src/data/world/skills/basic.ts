import type { Random } from '../../../random.js';
import { place } from '../place.js';
import type { Thing } from '../scene.js';
import { type Split, stringsOf } from '../split.js';
import { dialThing, oneOf, shapeThing, signThing, someOf } from '../things.js';
import { COLOUR_NAMES, type Colour, type Grade, HOURS, SHAPES } from '../vocabulary.js';
import { randomChart } from './chart.js';
import type { Skill } from './skill.js';

/** Everything that a noun alone tells apart. */
export const NOUNS = [...SHAPES, 'sign', 'dial', 'chart'] as const;
export type Noun = (typeof NOUNS)[number];
/** Grades at which a chart is too large to stand in a crowd. */
const LARGE: readonly Grade[] = ['large', 'huge'];

/** Of one thing alone every sight must be new on the held-out side: a lone dial's is not. */
const ALONE = NOUNS.filter((noun) => noun !== 'dial');

/** Names the one thing that is there. Who sees another thing of its colour still knows the colour. */
export const thing: Skill = {
  chance: () => 1 / (COLOUR_NAMES.length * ALONE.length),
  compose(grade, split, stream) {
    const noun = oneOf(ALONE, stream);
    const shown = thingOf(noun, oneOf(COLOUR_NAMES, stream), grade, split, stream);
    return {
      things: place([shown], stream),
      questions: [{ question: 'What is it?', answer: `${shown.colour} ${noun}`, kind: shown.colour }],
    };
  },
};

/** Names the colour of each of many things, of which no two are alike: the least that a dense scene can be asked. */
export const crowd: Skill = {
  chance: () => 1 / COLOUR_NAMES.length,
  compose(grade, split, stream) {
    const nouns = someOf(
      NOUNS.filter((noun) => noun !== 'chart' || !LARGE.includes(grade)),
      NOUNS.length,
      stream,
    );
    const things = nouns.map((noun) => thingOf(noun, oneOf(COLOUR_NAMES, stream), grade, split, stream));
    return {
      things: place(things, stream),
      questions: things.map(({ colour }, i) => ({ question: `What colour is the ${nouns[i]}?`, answer: colour })),
    };
  },
};

/** A thing that a noun names, all else of it drawn. */
export function thingOf(noun: Noun, colour: Colour, grade: Grade, split: Split, stream: Random): Thing {
  if (noun === 'sign') return signThing(colour, oneOf(stringsOf(split), stream), grade, stream);
  if (noun === 'dial') return dialThing(colour, 1 + stream.below(HOURS), grade, stream);
  if (noun === 'chart') return { ...randomChart(grade, stream), colour };
  return shapeThing(colour, noun, grade, split, stream);
}
