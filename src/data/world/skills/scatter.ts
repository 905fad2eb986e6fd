import type { Random } from '../../../random.js';
import { place } from '../place.js';
import type { Split } from '../split.js';
import { oneOf } from '../things.js';
import { COLOUR_NAMES, type Grade } from '../vocabulary.js';
import { NOUNS, thingOf } from './basic.js';
import type { Composition } from './skill.js';

/** Things of each grade. */
const COUNTS: readonly (readonly [grade: Grade, count: number])[] = [
  ['huge', 4],
  ['large', 8],
  ['medium', 14],
  ['small', 20],
  ['tiny', 28],
];
/** Grades at which a chart leaves room for others. */
const CHARTED: readonly Grade[] = ['tiny', 'small'];

/**
 * Things of every kind and grade all over a picture: nothing is asked, and as much is named as there is room for. An encoder
 * that is trained on parts of pictures has as many of them in each step.
 */
export const scatter = {
  compose(_: Grade, split: Split, stream: Random): Composition {
    const things = COUNTS.flatMap(([grade, count]) =>
      Array.from({ length: count }, () => {
        const nouns = NOUNS.filter((noun) => noun !== 'chart' || CHARTED.includes(grade));
        return thingOf(oneOf(nouns, stream), oneOf(COLOUR_NAMES, stream), grade, split, stream);
      }),
    );
    // The largest first: the others find a place between them.
    const sorted = things.toSorted((a, b) => b.box.height * b.box.width - a.box.height * a.box.width);
    return { things: place(sorted, stream), questions: [] };
  },
};
