import { random } from '../../random.js';

/** How a stream is shuffled. */
export interface ShuffleOptions {
  /** Items in the buffer: how far an item can move to the front, and what is in memory. */
  readonly size: number;
  readonly seed: number;
  /** Items that were taken before, in an earlier run: they are passed over. */
  readonly position?: number;
}

/**
 * A stream in another order, through a buffer: each item that comes takes the place of one drawn from the buffer, and
 * the last ones are drawn until none is left. The order is a pure function of the stream's order, the size and the
 * seed, so that a walk that stopped after n items goes on with `position: n`; the stream itself is read again.
 */
export async function* shuffled<T>(items: AsyncIterable<T>, options: ShuffleOptions): AsyncGenerator<T> {
  const { size, seed, position = 0 } = options;
  const stream = random(seed, 'shuffle buffer');
  const buffer: T[] = [];
  let given = 0;
  for await (const item of items) {
    if (buffer.length < size) {
      buffer.push(item);
      continue;
    }
    const place = stream.below(size);
    const drawn = buffer[place]!;
    buffer[place] = item;
    if (given++ >= position) yield drawn;
  }
  while (buffer.length > 0) {
    const place = stream.below(buffer.length);
    const drawn = buffer[place]!;
    buffer[place] = buffer[buffer.length - 1]!;
    buffer.pop();
    if (given++ >= position) yield drawn;
  }
}
