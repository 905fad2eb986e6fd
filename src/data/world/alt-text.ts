import type { Random } from '../../random.js';
import type { Scene, Thing } from './scene.js';
import { oneOf, someOf } from './things.js';

/** Share of alternative texts that are another picture's. */
export const ALT_NOISE = 0.2;
/** Most things that an alternative text names. */
const NAMED = 2;
/** What stands around the words, as web pages have it. */
const FRAMES = [
  (words: string) => words,
  (words: string) => `${words} picture`,
  (words: string) => `photo of ${words}`,
  (words: string) => `${words} | free download`,
  (words: string) => `buy ${words} online`,
];

/**
 * A text as the web has them beside a picture: one or two of its things, half of their attributes left out, never a
 * place, and with a probability of {@link ALT_NOISE} about another picture.
 * @param other gives the scene that a wrong text is about
 */
export function altText(scene: Scene, other: () => Scene, stream: Random): string {
  const told = stream.uniform() < ALT_NOISE ? other() : scene;
  const things = someOf(told.things, 1 + stream.below(NAMED), stream);
  return oneOf(FRAMES, stream)(things.map((thing) => shortName(thing, stream)).join(' and '));
}

function shortName(thing: Thing, stream: Random): string {
  const noun = thing.kind === 'shape' ? thing.shape : thing.kind;
  const tail = thing.kind === 'sign' && stream.below(2) === 0 ? ` ${thing.text}` : '';
  return stream.below(2) === 0 ? `${thing.colour} ${noun}${tail}` : `${noun}${tail}`;
}
