import { describe, expect, it } from 'vitest';
import { type EncodedExample, PADDING_SEGMENT, pack, READS, type Room, type Sequence } from '../../src/data/packing.js';

const PAD = 1;
const ROOM: Room = { text: 12, images: 2, slots: 3 };
const LENGTH = 12 + 2 * 3;

const ask = (prompt: number[], answer: number[]): EncodedExample => ({
  kind: 'caption',
  pieces: [
    { tokens: prompt, counted: false },
    { tokens: answer, counted: true },
  ],
});
const A = ask([3, 4], [5, 0]);
const B = ask([6], [7, 8, 0]);
/** A document: text, picture 9, text, picture 2, text; all its text counts. */
const DOCUMENT: EncodedExample = {
  kind: 'caption',
  pieces: [
    { tokens: [20, 21], counted: true },
    { image: 9 },
    { tokens: [22], counted: true },
    { image: 2 },
    { tokens: [23, 0], counted: true },
  ],
};
const alone = (...examples: EncodedExample[]): Sequence => ({ shared: [], examples });

/** What stands at each position of a row: a token id, `picture:slot`, or null for padding. */
function read(packed: ReturnType<typeof pack>, row: number): (number | string | null)[] {
  return Array.from({ length: packed.length }, (_, i) => {
    const at = row * packed.length + i;
    if (packed.segments[at] === PADDING_SEGMENT) return null;
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
    const packed = pack([{ shared: [{ image: 7 }], examples: [A, B] }], ROOM, PAD);
    expect(read(packed, 0).slice(0, 10)).toEqual(['7:0', '7:1', '7:2', 3, 4, 5, 6, 7, 8, null]);
    expect([...packed.segments.slice(0, 10)]).toEqual([0, 0, 0, 1, 1, 1, 2, 2, 2, -1]);
    expect([...packed.positions.slice(0, 9)]).toEqual([0, 1, 2, 3, 4, 5, 3, 4, 5]);
    expect(asked(packed)).toEqual([
      [4, 5],
      [5, 0],
      [6, 7],
      [7, 8],
      [8, 0],
    ]);
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

  it('both directions agree: what stands at a position knows the position', () => {
    const packed = pack([alone(A, DOCUMENT), { shared: [{ image: 1 }], examples: [B] }], ROOM, PAD);
    const total = 2 * LENGTH;
    const standing = [...packed.segments].flatMap((segment, at) => (segment === PADDING_SEGMENT ? [] : [at]));
    for (const at of standing) expect(packed.to[packed.from[at]!]).toBe(at);
    expect([...packed.to].filter((at) => at < total).sort((a, b) => a - b)).toEqual(standing);
    packed.readAt.forEach((place, at) => {
      if (place < packed.reads.length) expect(packed.reads[place]).toBe(at);
    });
    expect([...packed.readAt].filter((place) => place < packed.reads.length).length).toBe(asked(packed).length);
  });
});

describe('room', () => {
  it.each([
    ['text', { ...ROOM, text: 6 }],
    ['pictures', { ...ROOM, images: 1 }],
  ])('an example without room is dropped whole, and counted: %s', (_, room) => {
    const packed = pack([alone(A, DOCUMENT, A)], room, PAD);
    expect(packed.dropped).toBe(1);
    expect([...packed.segments].filter((segment) => segment === 2)).toEqual([]);
    expect([...packed.segments].filter((segment) => segment === 3).length).toBe(3);
  });

  it('an example that fills the room to the last token fits', () => {
    expect(pack([alone(A, B)], { text: 6, images: 0, slots: 0 }, PAD).dropped).toBe(0);
    expect(pack([alone(A, B)], { text: 5, images: 0, slots: 0 }, PAD).dropped).toBe(1);
  });

  it('what examples share must fit', () => {
    const shared = [{ image: 1 }, { image: 2 }, { image: 3 }];
    expect(() => pack([{ shared, examples: [A] }], ROOM, PAD)).toThrow('finds no room');
  });

  it('a picture of one visual token is one picture', () => {
    const room = { text: 12, images: 1, slots: 1 };
    const packed = pack([{ shared: [{ image: 7 }], examples: [DOCUMENT, A] }], room, PAD);
    expect(packed.dropped).toBe(1);
    expect(packed.images).toEqual([7]);
  });

  it('what is left over is padding, and counts for nothing', () => {
    const packed = pack([alone(A)], ROOM, PAD);
    expect([...packed.ids]).toEqual([3, 4, 5, ...new Array(ROOM.text - 3).fill(PAD)]);
    expect([...packed.reads.subarray(2)]).toEqual(new Array(READS - 2).fill(0));
    expect([...packed.targets.subarray(2)]).toEqual(new Array(READS - 2).fill(PAD));
    expect([...packed.counted]).toEqual([1, 1, ...new Array(READS - 2).fill(0)]);
  });

  it('reads come in few sizes, whatever counts', () => {
    expect(READS).toBe(128);
    for (const rows of [1, 5, 60]) {
      const packed = pack(new Array(rows).fill(alone(A)), ROOM, PAD);
      expect(packed.reads.length % READS).toBe(0);
      expect(packed.reads.length - asked(packed).length).toBeLessThan(READS);
    }
    expect(pack([alone()], ROOM, PAD).reads.length).toBe(READS); // nothing counts, and nothing has no size
  });
});
