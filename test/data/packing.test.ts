import { describe, expect, it } from 'vitest';
import {
  type Group,
  PADDING,
  type Piece,
  pack,
  READ_SHARES,
  type Room,
  type Sequence,
  sizeOf,
} from '../../src/data/packing.js';

const PAD = 1;
const ROOM: Room = { text: 12, images: 2, slots: 3 };
const LENGTH = 12 + 2 * 3;

type Example = readonly Piece[];
const ask = (prompt: number[], answer: number[]): Example => [
  { tokens: prompt, counted: false },
  { tokens: answer, counted: true },
];
const A = ask([3, 4], [5, 0]);
const B = ask([6], [7, 8, 0]);
/** A document: text, picture 9, text, picture 2, text; all its text counts. */
const DOCUMENT: Example = [
  { tokens: [20, 21], counted: true },
  { image: 9 },
  { tokens: [22], counted: true },
  { image: 2 },
  { tokens: [23, 0], counted: true },
];
const group = (...examples: Example[]): Group => ({ shared: [], examples });
const alone = (...examples: Example[]): Sequence => ({ groups: [group(...examples)] });
const about = (image: number, ...examples: Example[]): Group => ({ shared: [{ image }], examples });

/** What stands at each position of a row: a token id, `picture:slot`, or null for padding. */
function read(packed: ReturnType<typeof pack>, row: number): (number | string | null)[] {
  return Array.from({ length: packed.length }, (_, i) => {
    const at = row * packed.length + i;
    if (packed.segments[at] === PADDING) return null;
    const entry = packed.from[at]!;
    if (entry < packed.ids.length) return packed.ids[entry]!;
    const visual = entry - packed.ids.length;
    return `${packed.images[Math.floor(visual / ROOM.slots)]}:${visual % ROOM.slots}`;
  });
}

/** Every asked position and the token that should follow it. */
function asked(packed: ReturnType<typeof pack>): [at: number, target: number][] {
  return [...packed.reads].flatMap((at, i): [number, number][] =>
    packed.counted[i] ? [[at, packed.targets[i]!]] : [],
  );
}

describe('what stands where', () => {
  it('a shared picture stands once, before examples that each go on from its end', () => {
    const packed = pack([{ groups: [about(7, A, B)] }], ROOM, PAD);
    expect(read(packed, 0).slice(0, 10)).toEqual(['7:0', '7:1', '7:2', 3, 4, 5, 6, 7, 8, null]);
    expect([...packed.segments.slice(0, 10)]).toEqual([0, 0, 0, 1, 1, 1, 2, 2, 2, -1]);
    expect([...packed.groups.slice(0, 10)]).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 0, -1]);
    expect([...packed.positions.slice(0, 9)]).toEqual([0, 1, 2, 3, 4, 5, 3, 4, 5]);
    expect(asked(packed)).toEqual([
      [4, 5],
      [5, 0],
      [6, 7],
      [7, 8],
      [8, 0],
    ]);
  });

  it('every group starts anew: its own number, its own shared part, positions from 0', () => {
    const packed = pack([{ groups: [about(7, A), group(B), about(2, B, A)] }], { ...ROOM, text: 20 }, PAD);
    expect(read(packed, 0).slice(0, 21)).toEqual(
      [
        ['7:0', '7:1', '7:2', 3, 4, 5],
        [6, 7, 8],
        ['2:0', '2:1', '2:2', 6, 7, 8, 3, 4, 5],
        [null, null, null],
      ].flat(),
    );
    const runs = (...of: [value: number, times: number][]) =>
      of.flatMap(([value, times]) => new Array(times).fill(value));
    expect([...packed.groups.slice(0, 21)]).toEqual(runs([0, 6], [1, 3], [2, 9], [-1, 3]));
    expect([...packed.segments.slice(0, 21)]).toEqual(runs([0, 3], [1, 3], [1, 3], [0, 3], [1, 3], [2, 3], [-1, 3]));
    expect([...packed.positions.slice(0, 18)]).toEqual([0, 1, 2, 3, 4, 5, 0, 1, 2, 0, 1, 2, 3, 4, 5, 3, 4, 5]);
    expect(packed.images).toEqual([7, 2]);
    expect(asked(packed).map(([at]) => at)).toEqual([4, 5, 6, 7, 8, 12, 13, 14, 16, 17]);
  });

  it('a document holds its pictures where they belong, and each text after a picture is asked for', () => {
    const packed = pack([alone(A), alone(DOCUMENT)], ROOM, PAD);
    expect(read(packed, 1).slice(0, 11)).toEqual([20, 21, '9:0', '9:1', '9:2', 22, '2:0', '2:1', '2:2', 23, null]);
    expect(packed.images).toEqual([null, null, 9, 2]);
    expect(asked(packed).filter(([at]) => at >= LENGTH)).toEqual([
      [LENGTH, 21],
      [LENGTH + 4, 22],
      [LENGTH + 8, 23],
      [LENGTH + 9, 0],
    ]);
  });

  it('what is shared is read and asks for nothing, be it text that counts', () => {
    const shared: Piece[] = [{ tokens: [30, 31], counted: true }];
    expect(asked(pack([{ groups: [{ shared, examples: [A] }] }], ROOM, PAD))).toEqual([
      [3, 5],
      [4, 0],
    ]);
  });

  it('both directions agree: what stands at a position knows the position', () => {
    const packed = pack([alone(A, DOCUMENT), { groups: [group(A), about(1, B)] }], ROOM, PAD);
    const total = 2 * LENGTH;
    const standing = [...packed.segments].flatMap((segment, at) => (segment === PADDING ? [] : [at]));
    for (const at of standing) expect(packed.to[packed.from[at]!]).toBe(at);
    expect([...packed.to].filter((at) => at < total).sort((a, b) => a - b)).toEqual(standing);
    packed.readAt.forEach((place, at) => {
      if (place < packed.reads.length) expect(packed.reads[place]).toBe(at);
    });
    expect([...packed.readAt].filter((place) => place < packed.reads.length).length).toBe(asked(packed).length);
  });
});

describe('room', () => {
  const shared = [{ image: 1 }, { image: 2 }, { image: 3 }];

  it.each<[string, Sequence, Partial<Room>]>([
    ['text', alone(A, DOCUMENT, A), { text: 9 }],
    ['text of a second group', { groups: [group(A), group(B)] }, { text: 5 }],
    ['pictures', alone(A, DOCUMENT), { images: 1 }],
    ['pictures of one visual token', alone(DOCUMENT), { images: 1, slots: 1 }],
    ['pictures of a second group', { groups: [about(1, A), alone(DOCUMENT).groups[0]!] }, {}],
    ['what examples share', { groups: [{ shared, examples: [A] }] }, {}],
  ])('what finds none is a bug of whoever drew it: %s', (_, sequence, room) => {
    expect(() => pack([alone(A), sequence], { ...ROOM, ...room }, PAD)).toThrow(/finds? no room in it/);
  });

  it('what fills it to the last token fits', () => {
    expect(() => pack([alone(A, B)], { text: 6, images: 0, slots: 0 }, PAD)).not.toThrow();
    expect(() => pack([alone(A, B)], { text: 5, images: 0, slots: 0 }, PAD)).toThrow('no room');
    expect(() => pack([alone(DOCUMENT)], { ...ROOM, text: 4 }, PAD)).not.toThrow();
  });

  it('a group takes the room of all its pieces, so that one that fits by its size is packed', () => {
    expect(sizeOf(about(7, A, B))).toEqual({ text: 8, images: 1 });
    expect(sizeOf(group(DOCUMENT, DOCUMENT))).toEqual({ text: 10, images: 4 });
    expect(sizeOf({ shared: [{ tokens: [1, 2], counted: false }], examples: [A] })).toEqual({ text: 6, images: 0 });
  });

  it('what is left over is padding, and counts for nothing', () => {
    const packed = pack([alone(A)], ROOM, PAD);
    expect([...packed.ids]).toEqual([3, 4, 5, ...new Array(ROOM.text - 3).fill(PAD)]);
    expect([...packed.reads]).toEqual([...asked(packed).map(() => expect.any(Number)), 0]);
    expect(packed.targets.at(-1)).toBe(PAD);
    expect([...packed.counted]).toEqual([1, 1, 0]);
  });

  it('reads come in three sizes, whatever counts', () => {
    expect(READ_SHARES).toEqual([1 / 4, 1 / 2, 1]);
    const sizeAt = (tokens: number) => {
      const text = Array<number>(tokens + 1).fill(3);
      const sequence = { groups: [group([{ tokens: text, counted: true }])] };
      return pack([sequence], { ...ROOM, text: 40 }, PAD).reads.length;
    };
    expect([1, 10, 11, 20, 21, 39].map(sizeAt)).toEqual([10, 10, 20, 20, 40, 40]);
    expect(pack([{ groups: [] }], ROOM, PAD).reads.length).toBe(3); // nothing counts, and nothing has no size
  });
});
