import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { resizeBicubic } from '../../../src/data/resample.js';
import { partsOf } from '../../../src/data/world/phrases.js';
import { worldPixels } from '../../../src/data/world/pixels.js';
import { MASTER_SIDE, type Thing } from '../../../src/data/world/scene.js';
import { sceneAt, sceneOf } from '../../../src/data/world/skills/index.js';
import { COLOURS } from '../../../src/data/world/vocabulary.js';

function same(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}

/** Mean colour of a few pixels around a point. */
function probe(pixels: Uint8Array, side: number, x: number, y: number): number[] {
  return [0, 1, 2].map((channel) => {
    let sum = 0;
    for (let dy = -1; dy <= 1; dy++) {
      for (let dx = -1; dx <= 1; dx++) sum += pixels[((Math.floor(y) + dy) * side + Math.floor(x) + dx) * 3 + channel]!;
    }
    return sum / 9;
  });
}

function nearestColour(rgb: readonly number[]): string {
  const distance = (of: readonly number[]) => Math.hypot(...of.map((value, i) => value - rgb[i]!));
  return Object.entries(COLOURS).sort((a, b) => distance(a[1]) - distance(b[1]))[0]![0];
}

/** A point of a thing, as shares of its box, that has the thing's own colour. */
function colouredPoint(thing: Thing): [number, number] {
  if (thing.kind === 'sign') return [0.06, 0.5];
  if (thing.kind === 'dial') return [0.05, 0.5];
  if (thing.kind === 'chart') return [0.5, 0.006];
  if (thing.fill === 'plain') return [0.5, 0.5];
  const points = {
    circle: [0.5, 0.1],
    square: [0.5, 0.12],
    triangle: [0.5, 0.15],
    star: [0.5, 0.13],
    cross: [0.5, 0.12],
  };
  return thing.shape === 'heart' ? [0.5, 0.85] : (points[thing.shape] as [number, number]);
}

test.each([224, 336, MASTER_SIDE])('things of a colour are where they are said to be, at %i px', (side) => {
  let probed = 0;
  for (const skill of ['colour', 'string', 'dial', 'dense'] as const) {
    for (let i = 0; i < 6; i++) {
      const scene = sceneOf(skill, 'huge', i % 2 ? 'train' : 'held-out', 11, i);
      const pixels = worldPixels(scene, side);
      const parts = partsOf(scene);
      scene.things.forEach((thing, j) => {
        const [across, down] = colouredPoint(thing);
        const { box, phrase } = parts[j]!;
        const [top, left, height, width] = box.map((share) => share * side) as [number, number, number, number];
        expect(phrase).toContain(thing.colour);
        const found = nearestColour(probe(pixels, side, left + across * width, top + down * height));
        expect(found, `${scene.id}: ${phrase}`).toBe(thing.colour);
        probed++;
      });
    }
  }
  expect(probed).toBeGreaterThan(80);
});

test('the bars of a chart are as high as their values, the hand of a dial points to its hour', () => {
  for (let i = 0; i < 8; i++) {
    const scene = sceneOf('chart', 'huge', 'train', 13, i);
    const chart = scene.things[0]!;
    if (chart.kind !== 'chart') throw new Error('not a chart');
    const pixels = worldPixels(scene, MASTER_SIDE);
    const unit = chart.box.height / (2 * 3 + 4 * 13 + 7); // margins, four ticks of 13 rows, a glyph
    chart.bars.forEach((bar, j) => {
      const x = chart.box.left + (3 + 13 + 5 + j * 16 + 5.5) * unit;
      for (let tick = 1; tick <= 4; tick++) {
        const y = chart.box.top + chart.box.height - (3 + 3.5 + (tick - 0.5) * 13) * unit;
        const rgb = probe(pixels, MASTER_SIDE, x, y);
        const found = Math.min(...rgb) > 215 ? 'none' : nearestColour(rgb);
        expect(found, `${scene.id} bar ${j} tick ${tick}`).toBe(tick <= bar.ticks ? bar.colour : 'none');
      }
    });
  }
  for (const thing of [0, 1, 2, 3, 4].flatMap((i) => {
    const scene = sceneOf('dial', 'huge', 'train', 17, i);
    const pixels = worldPixels(scene, MASTER_SIDE);
    return scene.things.map((dial) => ({ dial, pixels }));
  })) {
    const { dial, pixels } = thing;
    const radius = dial.box.width / 2;
    const darkness = Array.from({ length: 12 }, (_, hour) => {
      const angle = (2 * Math.PI * hour) / 12;
      const x = dial.box.left + radius + Math.sin(angle) * radius * 0.35;
      const y = dial.box.top + radius - Math.cos(angle) * radius * 0.35;
      return probe(pixels, MASTER_SIDE, x, y)[1]!;
    });
    const darkest = darkness.indexOf(Math.min(...darkness));
    expect(dial.kind === 'dial' && dial.hour % 12).toBe(darkest);
  }
});

test('the same scene gives the same bytes, on every machine', () => {
  const hash = createHash('sha256');
  for (let i = 0; i < 9; i++) {
    const pixels = worldPixels(sceneAt('train', 0, i), 224);
    expect(same(pixels, worldPixels(sceneAt('train', 0, i), 224))).toBe(true);
    hash.update(pixels);
  }
  expect(hash.digest('hex')).toMatchInlineSnapshot(
    `"15bc09403580ffe1af7b12cd65fccb328ad0101313c39da5af06c489ceed3845"`,
  );
  expect(same(worldPixels(sceneAt('train', 0, 0), 224), worldPixels(sceneAt('train', 1, 0), 224))).toBe(false);
});

test('every size is the master averaged, and enlarging adds no detail', () => {
  const scene = sceneOf('string', 'small', 'train', 0, 1);
  const master = worldPixels(scene, MASTER_SIDE);
  const half = worldPixels(scene, 336);
  for (const at of [0, 1000, 300_000]) {
    const [y, x, channel] = [Math.floor(at / 1008), Math.floor((at % 1008) / 3), at % 3];
    const four = [0, 1].flatMap((dy) =>
      [0, 1].map((dx) => master[((2 * y + dy) * MASTER_SIDE + 2 * x + dx) * 3 + channel]!),
    );
    expect(half[at]).toBe(Math.round(four.reduce((sum, value) => sum + value) / 4));
  }
  const enlarged = resizeBicubic(worldPixels(scene, 224), 224, 224, 336, 336);
  expect(same(worldPixels(scene, 336, 224), enlarged)).toBe(true);
  expect(same(worldPixels(scene, 224, 336), worldPixels(scene, 224))).toBe(true);
});
