import { describe, expect, it } from 'vitest';
import { randomView } from '../../src/data/augmentation.js';
import { CLIP_MEAN, CLIP_STD } from '../../src/data/normalise.js';
import { allPatches, cutPatches, plainView } from '../../src/data/patches.js';
import { random } from '../../src/random.js';

const SIDE = 6;
const PATCH = 2;
const AREA = PATCH * PATCH;
/** Two pictures whose every byte says where it is. */
const pixels = Uint8Array.from({ length: 2 * SIDE * SIDE * 3 }, (_, i) => i % 251);
const byte = (picture: number, y: number, x: number, channel: number) =>
  pixels[((picture * SIDE + y) * SIDE + x) * 3 + channel]!;
const normal = (value: number, channel: number) => (value / 255 - CLIP_MEAN[channel]!) / CLIP_STD[channel]!;

function cut(picture: number, kept: number[], view = plainView(SIDE)): Float32Array {
  const out = new Float32Array(kept.length * 3 * AREA);
  cutPatches(pixels, picture, SIDE, PATCH, Int32Array.from(kept), out, 0, view);
  return out;
}

describe('cutPatches', () => {
  it('orders a patch by channel, row and column, and normalises it', () => {
    const patch = cut(1, [5]); // row 1, column 2 of the grid
    for (let channel = 0; channel < 3; channel++) {
      for (let y = 0; y < PATCH; y++) {
        for (let x = 0; x < PATCH; x++) {
          const expected = normal(byte(1, 2 + y, 4 + x, channel), channel);
          expect(patch[channel * AREA + y * PATCH + x]).toBeCloseTo(expected, 5);
        }
      }
    }
  });

  it('cuts the patches that are asked for, in their order', () => {
    const all = cut(0, [...allPatches(SIDE, PATCH)]);
    const some = cut(0, [7, 2]);
    expect(some).toEqual(
      Float32Array.of(...all.subarray(7 * 3 * AREA, 8 * 3 * AREA), ...all.subarray(2 * 3 * AREA, 3 * 3 * AREA)),
    );
  });

  it('what lies beyond the edge is white', () => {
    const view = { ...plainView(SIDE), rows: new Int32Array(SIDE).fill(-1) };
    const patch = cut(0, [0], view);
    for (let channel = 0; channel < 3; channel++) expect(patch[channel * AREA]).toBeCloseTo(normal(255, channel), 5);
  });
});

describe('randomView', () => {
  it('is the same for the same stream, and another for another', () => {
    expect(randomView(56, random(1, 'view'))).toEqual(randomView(56, random(1, 'view')));
    expect(randomView(56, random(1, 'view'))).not.toEqual(randomView(56, random(2, 'view')));
  });

  it('has no colour once in four times, and half of it left at least otherwise', () => {
    const views = Array.from({ length: 4000 }, (_, seed) => randomView(4, random(seed, 'view')).colours);
    const brightness = Float32Array.of(0.299, 0.587, 0.114);
    const isGrey = (colours: Float32Array) =>
      [0, 3, 6].every((at) => colours.slice(at, at + 3).join() === `${brightness}`);
    const grey = views.filter(isGrey).length / views.length;
    expect(Math.abs(grey - 0.25)).toBeLessThan(0.02);
    // Red's share of green, by which the fading shows whatever the gain.
    const fades = views.filter((colours) => !isGrey(colours)).map((c) => c[1]! / (c[0]! + c[1]! + c[2]!) / 0.587);
    expect(Math.min(...fades)).toBeLessThan(0.01);
    expect(Math.max(...fades)).toBeLessThanOrEqual(0.5 + 1e-6);
    expect(Math.max(...fades)).toBeGreaterThan(0.49);
  });

  it('never mirrors, never loses most of the picture, and keeps brightness within its gain', () => {
    for (let seed = 0; seed < 50; seed++) {
      const { rows, columns, colours } = randomView(56, random(seed, 'view'));
      for (const line of [rows, columns]) {
        const inside = [...line].filter((from) => from >= 0);
        expect(inside).toEqual([...inside].sort((a, b) => a - b));
        expect(inside.length).toBeGreaterThan(56 / 3);
      }
      for (let channel = 0; channel < 3; channel++) {
        const sum = colours[channel * 3]! + colours[channel * 3 + 1]! + colours[channel * 3 + 2]!;
        expect(sum).toBeGreaterThanOrEqual(0.7 - 1e-6);
        expect(sum).toBeLessThanOrEqual(1.3 + 1e-6);
      }
    }
  });
});
