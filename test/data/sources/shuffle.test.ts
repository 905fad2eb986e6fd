import { describe, expect, it } from 'vitest';
import { type ShuffleOptions, shuffled } from '../../../src/data/sources/shuffle.js';

async function* numbers(count: number, seen: (held: number) => void = () => {}): AsyncGenerator<number> {
  for (let i = 0; i < count; i++) {
    seen(i + 1);
    yield i;
  }
}

async function all(count: number, options: ShuffleOptions): Promise<number[]> {
  const order: number[] = [];
  for await (const item of shuffled(numbers(count), options)) order.push(item);
  return order;
}

describe('shuffled', () => {
  it('gives everything once, in an order that the seed decides alone', async () => {
    const order = await all(1000, { size: 100, seed: 1 });
    expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: 1000 }, (_, i) => i));
    expect(await all(1000, { size: 100, seed: 1 })).toEqual(order);
    expect(await all(1000, { size: 100, seed: 2 })).not.toEqual(order);
  });

  it.each([0, 1, 17, 899, 900, 901, 999, 1000, 2000])('goes on at position %i', async (position) => {
    const order = await all(1000, { size: 100, seed: 3 });
    expect(await all(1000, { size: 100, seed: 3, position })).toEqual(order.slice(position));
  });

  it('mixes evenly within the buffer, the tail too', async () => {
    const order = await all(10_000, { size: 1000, seed: 4 });
    // What comes at place p was read among the first p + size: nothing jumps further ahead.
    order.forEach((item, place) => {
      expect(item).toBeLessThanOrEqual(place + 1000);
    });
    const moved = order.reduce((sum, item, place) => sum + Math.abs(item - place), 0) / order.length;
    expect(moved).toBeGreaterThan(500);
    const falling = order.slice(-1000).filter((item, i, tail) => i > 0 && item < tail[i - 1]!).length;
    expect(falling).toBeGreaterThan(400);
    expect(falling).toBeLessThan(600);
  });

  it('holds no more than its buffer', async () => {
    let read = 0;
    let given = 0;
    for await (const _ of shuffled(
      numbers(500, (count) => (read = count)),
      { size: 50, seed: 5 },
    )) {
      given++;
      expect(read - given).toBeLessThanOrEqual(50);
    }
    expect(given).toBe(500);
  });

  it('leaves the order of a buffer of one as it is', async () => {
    expect(await all(5, { size: 1, seed: 6 })).toEqual([0, 1, 2, 3, 4]);
    expect(await all(0, { size: 1, seed: 6 })).toEqual([]);
  });
});
