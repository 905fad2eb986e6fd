import type { Random } from '../random.js';

/**
 * Gives 0 .. n-1 in random order, every order as likely, and draws no further than it is read: the first few of a
 * million cost a few. Source of the algorithm: Fisher and Yates' shuffle, with a map of the places that were moved.
 */
export function* randomOrder(n: number, stream: Random): Generator<number, void> {
  const moved = new Map<number, number>();
  const at = (place: number) => moved.get(place) ?? place;
  for (let left = n; left > 0; left--) {
    const place = stream.below(left);
    const value = at(place);
    moved.set(place, at(left - 1));
    moved.delete(left - 1);
    yield value;
  }
}
