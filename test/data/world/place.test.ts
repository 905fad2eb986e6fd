import { expect, test } from 'vitest';
import { sharedArea } from '../../../src/data/regions.js';
import { GLYPH_ROWS } from '../../../src/data/world/glyphs.js';
import { MASTER_SIDE, type Thing } from '../../../src/data/world/scene.js';
import { sceneAt } from '../../../src/data/world/skills/index.js';
import { GRADES, SHAPES } from '../../../src/data/world/vocabulary.js';

const scenes = Array.from({ length: 9000 }, (_, i) => sceneAt('train', 5, i));
const scattered = Array.from({ length: 300 }, (_, i) => sceneAt('train', 5, i, ['scatter']));
const things: readonly Thing[] = scenes.flatMap((scene) => scene.things);

test('things lie inside the picture and apart', () => {
  for (const scene of [...scenes.slice(0, 900), ...scattered]) {
    scene.things.forEach(({ box }, i) => {
      expect(Math.min(box.top, box.left)).toBeGreaterThanOrEqual(4);
      expect(Math.max(box.top + box.height, box.left + box.width)).toBeLessThanOrEqual(MASTER_SIDE - 4);
      for (const other of scene.things.slice(i + 1)) expect(sharedArea(box, other.box)).toBe(0);
    });
  }
});

test('a scattered scene has things of every grade, most of them fine, and all kinds of them come', () => {
  for (const { things: own } of scattered) {
    expect(own).toHaveLength(74);
    expect(GRADES.map((grade) => own.filter((thing) => thing.grade === grade).length)).toEqual([28, 20, 14, 8, 4]);
  }
  const nouns = scattered.flatMap(({ things: own }) => own.map((t) => (t.kind === 'shape' ? t.shape : t.kind)));
  for (const noun of [...SHAPES, 'sign', 'dial', 'chart']) {
    expect(nouns.filter((each) => each === noun).length / nouns.length).toBeGreaterThan(0.06);
  }
});

/** Cells in master pixels: patches of 14 at 224, 336 and 378 px, and 8, 12, 24 tokens or cells a side; and 27 and 16. */
const CELLS = [42, 28, MASTER_SIDE / 27, MASTER_SIDE / 8, MASTER_SIDE / 12, MASTER_SIDE / 24, MASTER_SIDE / 16];
const BINS = 6;
/** Places range over no whole number of cells, so the bins differ a little; on a grid they would differ by 1 and more. */
const LIMIT = 0.1;

test.each(CELLS)('no place and no size falls in with cells of %f px', (cell) => {
  const small = things.filter(({ box }) => box.width < 100); // a larger thing has few cells to be anywhere in
  const values = {
    left: small.map(({ box }) => box.left),
    top: small.map(({ box }) => box.top),
    middle: small.map(({ box }) => box.left + box.width / 2),
  };
  for (const [name, numbers] of Object.entries(values)) {
    const bins = new Array<number>(BINS).fill(0);
    for (const number of numbers) bins[Math.floor(((number % cell) / cell) * BINS)]!++;
    for (const bin of bins) expect(Math.abs((bin * BINS) / numbers.length - 1), name).toBeLessThan(LIMIT);
  }
});

test('sizes are no round numbers, and the finest glyphs are 7 to 9 px on the master', () => {
  expect(new Set(things.map(({ box }) => box.width)).size).toBeGreaterThan(0.99 * things.length);
  const glyphs = things
    .filter((t) => t.kind === 'sign' && t.grade === 'tiny')
    .map((t) => (t.box.height * GLYPH_ROWS) / 13);
  expect(Math.min(...glyphs)).toBeGreaterThanOrEqual(7);
  expect(Math.max(...glyphs)).toBeLessThanOrEqual(9);
});
