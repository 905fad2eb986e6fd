import { expect, it } from 'vitest';
import type { Group, Piece } from '../../src/data/packing.js';
import { fitGroup, fits } from '../../src/data/window.js';
import { type Random, random } from '../../src/random.js';

const text = (...tokens: number[]): Piece => ({ tokens, counted: true });
const from = (first: number, count: number) => Array.from({ length: count }, (_, i) => first + i);
const alone = (...pieces: Piece[]): Group => ({ shared: [], examples: [pieces] });
const about = (...examples: Piece[][]): Group => ({ shared: [{ image: 9 }], examples });
const FROM_START = { whole: false, anywhere: null };
const WHOLE = { whole: true, anywhere: null };
const anywhere = (stream: Random) => ({ whole: false, anywhere: stream });

/** Every part that is ever kept of a group, where it may start anywhere. */
function parts(group: Group, room: { text: number; images: number }): Set<string> {
  const stream = random(3, 'window');
  return new Set(
    Array.from({ length: 200 }, () => JSON.stringify(fitGroup(group, room, anywhere(stream))!.examples[0])),
  );
}

it('something fits where neither its text nor its pictures are too many', () => {
  expect(fits({ text: 3, images: 2 }, { text: 3, images: 2 })).toBe(true);
  expect(fits({ text: 4, images: 2 }, { text: 3, images: 2 })).toBe(false);
  expect(fits({ text: 3, images: 3 }, { text: 3, images: 2 })).toBe(false);
});

it.each([FROM_START, WHOLE, anywhere(random(0, 'window'))])('a group that has room stays as it is: %j', (cutting) => {
  for (const group of [alone(text(1, 2, 3)), alone({ image: 4 }, text(1), { image: 5 }, text(2, 3))]) {
    expect(fitGroup(group, { text: 3, images: 2 }, cutting)).toEqual(group);
  }
  expect(fitGroup(about([text(1, 2)], [text(3)]), { text: 3, images: 1 }, cutting)).toEqual(
    about([text(1, 2)], [text(3)]),
  );
});

it.each([FROM_START, WHOLE])('examples are left out from the end until the others have room: %j', (cutting) => {
  const group = about([text(1, 2)], [text(3, 4)], [text(5, 6)]);
  expect(fitGroup(group, { text: 5, images: 1 }, cutting)).toEqual(about([text(1, 2)], [text(3, 4)]));
  expect(fitGroup(group, { text: 2, images: 1 }, cutting)).toEqual(about([text(1, 2)]));
});

it('where not even the first example has room it is cut, unless it is to stay whole', () => {
  const group = about([{ tokens: [1, 2], counted: false }, text(3, 4)], [text(5)]);
  expect(fitGroup(group, { text: 3, images: 1 }, FROM_START)).toEqual(
    about([{ tokens: [1, 2], counted: false }, text(3)]),
  );
  expect(fitGroup(group, { text: 2, images: 1 }, FROM_START)).toEqual(about([{ tokens: [1, 2], counted: false }]));
  expect(fitGroup(group, { text: 3, images: 1 }, WHOLE)).toBeNull();
  expect(fitGroup(alone(text(1, 2)), { text: 1, images: 0 }, WHOLE)).toBeNull();
});

it('nothing stands where what is shared has no room, or where nothing would be left', () => {
  expect(fitGroup(about([text(1)]), { text: 9, images: 0 }, FROM_START)).toBeNull();
  const context: Group = { shared: [text(...from(0, 4))], examples: [[text(1)]] };
  expect(fitGroup(context, { text: 3, images: 0 }, FROM_START)).toBeNull();
  expect(fitGroup(context, { text: 4, images: 0 }, FROM_START)).toBeNull();
  expect(fitGroup(alone({ image: 1 }, text(1)), { text: 9, images: 0 }, FROM_START)).toBeNull();
  expect(fitGroup({ shared: [], examples: [] }, { text: 9, images: 9 }, FROM_START)).toBeNull();
});

it('what is shared takes its part of the room', () => {
  const context: Group = { shared: [text(1, 2)], examples: [[text(3, 4, 5)]] };
  expect(fitGroup(context, { text: 4, images: 0 }, FROM_START)).toEqual({ ...context, examples: [[text(3, 4)]] });
});

it('a document never ends with a picture, and what stands behind the cut is left out whole', () => {
  const document = alone(text(1, 2), { image: 5 }, text(3, 4), { image: 6 }, { image: 7 }, text(8));
  const kept = (words: number, images: number) =>
    fitGroup(document, { text: words, images }, FROM_START)?.examples[0] ?? null;
  expect(kept(4, 3)).toEqual([text(1, 2), { image: 5 }, text(3, 4)]); // pictures 6 and 7 have no text behind them
  expect(kept(3, 3)).toEqual([text(1, 2), { image: 5 }, text(3)]);
  expect(kept(2, 3)).toEqual([text(1, 2)]);
  expect(kept(5, 2)).toEqual([text(1, 2), { image: 5 }, text(3, 4)]);
  expect(kept(5, 0)).toEqual([text(1, 2)]);
  expect(kept(1, 3)).toEqual([text(1)]);
  expect(kept(0, 3)).toBeNull();
});

it('a text may start anywhere that leaves the room full, each place as likely', () => {
  const kept = parts(alone(text(...from(10, 6))), { text: 4, images: 0 });
  expect(kept).toEqual(new Set([10, 11, 12].map((first) => JSON.stringify([text(...from(first, 4))]))));
});

it('a document with pictures starts at its start or with a picture, none later than the room needs', () => {
  const document = alone(text(1), { image: 5 }, text(2), { image: 6 }, text(3), { image: 7 }, text(4));
  expect(parts(document, { text: 9, images: 2 })).toEqual(
    new Set(
      [
        [text(1), { image: 5 }, text(2), { image: 6 }, text(3)],
        [{ image: 6 }, text(3), { image: 7 }, text(4)],
      ].map((pieces) => JSON.stringify(pieces)),
    ),
  );
  // Too much text alone: pictures have room from the start on.
  expect(parts(document, { text: 2, images: 3 })).toEqual(new Set([JSON.stringify([text(1), { image: 5 }, text(2)])]));
});

it('a group with room draws nothing: what is drawn after it does not depend on it', () => {
  const stream = random(3, 'window');
  fitGroup(alone(text(1)), { text: 1, images: 0 }, anywhere(stream));
  expect(stream.uniform()).toBe(random(3, 'window').uniform());
});
