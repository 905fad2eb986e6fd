import { expect, it } from 'vitest';
import { sharedClock } from '../../src/run/executors/shared-clock.js';

it('gives each its part of a device: parts times their seconds add up to the time that the device was in use', () => {
  let time = 0;
  const clock = sharedClock(() => time);
  time = 100;
  const first = clock.begin(); // 100 to 400: alone for 100 of 300
  time = 200;
  const second = clock.begin(); // 200 to 500: alone for 100 of 300
  time = 400;
  expect(first()).toBeCloseTo((100 + 200 / 2) / 300, 12);
  time = 500;
  expect(second()).toBeCloseTo((200 / 2 + 100) / 300, 12);
  time = 700; // nobody
  const third = clock.begin();
  time = 1000;
  expect(third()).toBe(1);
  expect(clock.begin()()).toBe(1); // no time at all
});
