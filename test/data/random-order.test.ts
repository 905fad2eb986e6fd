import { expect, it } from 'vitest';
import { randomOrder } from '../../src/data/random-order.js';
import { random } from '../../src/random.js';

it('gives each number once', () => {
  for (const n of [0, 1, 2, 57]) {
    const numbers = [...randomOrder(n, random(1, 'order'))];
    expect([...numbers].sort((a, b) => a - b)).toEqual(Array.from({ length: n }, (_, i) => i));
  }
});

it('gives every order as often', () => {
  const counts = new Map<string, number>();
  const stream = random(2, 'orders');
  for (let i = 0; i < 12_000; i++) {
    const order = [...randomOrder(4, stream)].join('');
    counts.set(order, (counts.get(order) ?? 0) + 1);
  }
  expect(counts.size).toBe(24);
  // 500 of each are expected, with a standard deviation of 22.
  for (const count of counts.values()) expect(Math.abs(count - 500)).toBeLessThan(100);
});

it('draws once for each number that is read', () => {
  const stream = random(3, 'order');
  let draws = 0;
  const below = (below: number) => {
    draws++;
    return stream.below(below);
  };
  const order = randomOrder(2 ** 30, { ...stream, below });
  const first = Array.from({ length: 5 }, () => order.next().value);
  expect(new Set(first).size).toBe(5);
  expect(draws).toBe(5);
});
