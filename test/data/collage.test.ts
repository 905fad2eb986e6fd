import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { paintCollage, planCollage } from '../../src/data/collage.js';
import { pyramidLevel } from '../../src/data/pyramid.js';
import { type Box, coverPatches, type NamedPicture, sharedArea } from '../../src/data/regions.js';
import { random } from '../../src/random.js';

const RESOLUTION = 56;
const SETTINGS = { pictures: 40, drawings: 4, seed: 3 };
const DRAWINGS = 50;

type Paint = (drawing: number, y: number, x: number) => readonly [number, number, number];
const BLACK = [0, 0, 0] as const;
const WHITE = [255, 255, 255] as const;

function pixelsOf(drawing: number, paint: Paint): Uint8Array {
  const pixels = new Uint8Array(RESOLUTION * RESOLUTION * 3);
  for (let i = 0; i < RESOLUTION ** 2; i++) {
    pixels.set(paint(drawing, Math.floor(i / RESOLUTION), i % RESOLUTION), 3 * i);
  }
  return pixels;
}

/** Collages of drawings 0 to 49 in turn. */
function make(paint: Paint, given: Partial<typeof SETTINGS> = {}): NamedPicture[] {
  const { pictures, drawings, seed } = { ...SETTINGS, ...given };
  const painted = Array.from({ length: DRAWINGS }, (_, drawing) => pixelsOf(drawing, paint));
  const stream = random(seed, 'collages');
  let drawn = 0;
  const next = () => {
    const document = drawn++ % DRAWINGS;
    return { document, phrase: `drawing ${document}` };
  };
  return Array.from({ length: pictures }, () => {
    const placed = planCollage(next, drawings, RESOLUTION, stream);
    return paintCollage(
      placed,
      placed.map(({ document }) => painted[document]!),
      RESOLUTION,
    );
  });
}

/** The pixel at a share of a box's height and width. */
function pixelAt({ pixels }: NamedPicture, { top, left, height, width }: Box, down: number, across: number): number[] {
  const at = (Math.floor(top + height * down) * RESOLUTION + Math.floor(left + width * across)) * 3;
  return [...pixels.subarray(at, at + 3)];
}

const regionsOf = (made: NamedPicture[]) =>
  made.flatMap((picture) => picture.regions.map((region) => ({ picture, ...region })));

describe('where drawings come to stand', () => {
  const made = make(() => BLACK);

  it('is the same for the same stream, and another for another', () => {
    const told = (pictures: NamedPicture[]) =>
      pictures.map(({ pixels, regions }) => ({ pixels: createHash('sha256').update(pixels).digest('hex'), regions }));
    expect(told(make(() => BLACK))).toEqual(told(made));
    expect(told(make(() => BLACK, { seed: 4 }))).not.toEqual(told(made));
  });

  it('1 to 4 of them, inside the canvas, hardly overlapping', () => {
    expect(made).toHaveLength(SETTINGS.pictures);
    expect([...new Set(made.map(({ regions }) => regions.length))].sort()).toEqual([1, 2, 3, 4]);
    let overlapping = 0;
    for (const { pixels, regions } of made) {
      expect(pixels).toHaveLength(RESOLUTION * RESOLUTION * 3);
      regions.forEach(({ box }, i) => {
        expect(Math.min(box.top, box.left)).toBeGreaterThanOrEqual(0);
        expect(Math.max(box.top, box.left) + box.width).toBeLessThanOrEqual(RESOLUTION);
        for (const { box: other } of regions.slice(0, i)) {
          const shared = sharedArea(box, other) / Math.min(box.width, other.width) ** 2;
          expect(shared).toBeLessThanOrEqual(0.1);
          if (shared > 0) overlapping++;
        }
      });
    }
    expect(overlapping).toBeGreaterThan(0);
  });

  it('a quarter to the whole of the side, everywhere, on no grid of patches', () => {
    const boxes = regionsOf(make(() => BLACK, { pictures: 400 })).map(({ box }) => box);
    const sides = boxes.map(({ width }) => width / RESOLUTION);
    expect(Math.min(...sides)).toBeCloseTo(0.25, 2);
    expect(Math.max(...sides)).toBeGreaterThan(0.95);
    expect(boxes.every(({ height, width }) => height === width)).toBe(true);
    for (const edge of ['top', 'left'] as const) {
      expect(new Set(boxes.map((box) => box[edge])).size).toBe(0.75 * RESOLUTION + 1);
    }
  });

  it('what is not drawn on stays white', () => {
    const inside = ({ top, left, width }: Box, y: number, x: number) =>
      y >= top && y < top + width && x >= left && x < left + width;
    const stained = made.flatMap(({ pixels, regions }) =>
      [...pixels].filter((byte, i) => {
        const [y, x] = [Math.floor(i / 3 / RESOLUTION), Math.floor(i / 3) % RESOLUTION];
        return byte !== 255 && !regions.some(({ box }) => inside(box, y, x));
      }),
    );
    expect(stained).toEqual([]);
  });
});

describe('what a drawing shows', () => {
  it('is the one that its phrase names', () => {
    for (const wanted of [0, 17, 49]) {
      const regions = regionsOf(make((drawing) => (drawing === wanted ? BLACK : WHITE)));
      expect(regions.some(({ phrase }) => phrase === `drawing ${wanted}`)).toBe(true);
      for (const { picture, box, phrase } of regions) {
        const [red] = pixelAt(picture, box, 0.5, 0.5);
        // White dims to 70% at most, and does not run over where a channel is brightened.
        if (phrase === `drawing ${wanted}`) expect(red).toBe(0);
        else expect(red).toBeGreaterThan(170);
      }
    }
  });

  it('is moved and scaled, down and across apart, with white beyond its edge', () => {
    const edges = (paint: Paint, down: number, across: number) =>
      regionsOf(make(paint)).map(({ picture, box }) => {
        const steps = Array.from({ length: 40 }, (_, i) => i / 40);
        return steps.find((at) => pixelAt(picture, box, down || at, across || at)[0]! > 170)!;
      });
    const rows = edges((_, y) => (y < RESOLUTION / 2 ? BLACK : WHITE), 0, 0.5);
    const columns = edges((_, _y, x) => (x < RESOLUTION / 2 ? BLACK : WHITE), 0.5, 0);
    expect(rows.filter((row, i) => Math.abs(row - columns[i]!) > 0.05).length).toBeGreaterThan(rows.length / 4);
    for (const { pixels } of make(() => WHITE)) expect(Math.min(...pixels)).toBeGreaterThan(170);
  });

  it('stands upright and is not mirrored', () => {
    const corner: Paint = (_, y, x) => (y < RESOLUTION / 2 && x >= RESOLUTION / 2 ? BLACK : WHITE);
    for (const { picture, box } of regionsOf(make(corner, { drawings: 1 }))) {
      const dark = [0.25, 0.75].flatMap((y) => [0.25, 0.75].map((x) => pixelAt(picture, box, y, x)[0]! < 85));
      expect(dark).toEqual([false, true, false, false]);
    }
  });

  it('is recoloured, each drawing in a way of its own', () => {
    const colours = regionsOf(make(() => [200, 0, 0])).map(({ picture, box }) => pixelAt(picture, box, 0.5, 0.5));
    expect(new Set(colours.map(String)).size).toBeGreaterThan(colours.length / 2);
    for (const [red, green, blue] of colours) {
      expect(red).toBeGreaterThanOrEqual(Math.max(green!, blue!));
    }
    expect(colours.filter(([red, green]) => red! > 2 * green!).length).toBeGreaterThan(colours.length / 2);
  });

  it('loses no thin lines where it is small', () => {
    const threads: Paint = (_, y, x) => ((x + y) % 2 === 0 ? BLACK : WHITE);
    for (const { picture, box } of regionsOf(make(threads, { pictures: 100 }))) {
      const grey = pixelAt(picture, box, 0.5, 0.5)[0]!;
      if (box.width <= RESOLUTION / 2) expect(grey).toBeGreaterThan(80);
      else expect(grey === 0 || grey > 170).toBe(true);
    }
  });
});

describe('pyramidLevel', () => {
  const side = 7;
  const pixels = Uint8Array.from({ length: side * side * 3 }, (_, i) => (i * 37) % 256);

  it('halves by the mean of four pixels, and keeps an odd last line', () => {
    const level = pyramidLevel(pixels, side, 1);
    expect(level.side).toBe(4);
    const at = (y: number, x: number, channel: number) =>
      pixels[(Math.min(y, 6) * side + Math.min(x, 6)) * 3 + channel]!;
    expect(level.pixels).toHaveLength(4 * 4 * 3);
    level.pixels.forEach((value, i) => {
      const [channel, x, y] = [i % 3, 2 * (Math.floor(i / 3) % 4), 2 * Math.floor(i / 12)];
      const sum = at(y, x, channel) + at(y, x + 1, channel) + at(y + 1, x, channel) + at(y + 1, x + 1, channel);
      expect(value).toBe(Math.round(sum / 4));
    });
  });

  it('is the picture itself at level 0, and halved again at each further one', () => {
    expect(pyramidLevel(pixels, side, 0)).toEqual({ pixels, side });
    const once = pyramidLevel(pixels, side, 1);
    expect(pyramidLevel(pixels, side, 3)).toEqual(pyramidLevel(once.pixels, once.side, 2));
    expect(pyramidLevel(pixels, side, 3).side).toBe(1);
  });
});

describe('coverPatches', () => {
  it('shares a box out by the area of each kept patch that it covers', () => {
    const out = new Float32Array(6).fill(7);
    // A 4 x 4 grid of patches of 10 px; the box covers parts of patches 5 (5 x 4 px), 6 (10 x 4) and 9 (5 x 2), 10 (10 x 2).
    const box = { top: 16, left: 15, height: 6, width: 15 };
    expect(coverPatches(box, Int32Array.of(0, 5, 6, 9), 4, 10, out, 1)).toBe(true);
    expect([...out].map((x) => Math.round(x * 7e6) / 1e6)).toEqual([49, 0, 2, 4, 1, 49]);
    expect(coverPatches({ ...box, top: 16.5, height: 1 }, Int32Array.of(5, 6), 4, 10, out, 0)).toBe(true);
    expect(out[0]).toBeCloseTo(1 / 3, 6);
  });

  it('is content with half of a box, and with half of the patches where the box is larger than they', () => {
    const out = new Float32Array(1);
    const large = (left: number) => ({ top: 0, left, height: 40, width: 40 });
    const small = (left: number) => ({ top: 2, left, height: 4, width: 4 });
    const one = Int32Array.of(0);
    expect([5, 6].map((left) => coverPatches(large(left), one, 4, 10, out, 0))).toEqual([true, false]);
    expect([8, 9].map((left) => coverPatches(small(left), one, 4, 10, out, 0))).toEqual([true, false]);
  });

  it('says so, and writes nothing, where no kept patch is covered', () => {
    const out = new Float32Array(2).fill(7);
    expect(coverPatches({ top: 10, left: 10, height: 10, width: 10 }, Int32Array.of(0, 4), 4, 10, out, 0)).toBe(false);
    expect([...out]).toEqual([7, 7]);
  });
});
