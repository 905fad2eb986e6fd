import { random } from '../../random.js';
import type { Box } from '../regions.js';
import { type Canvas, fill, type Rgb } from './canvas.js';
import { GLYPH_ROWS, textColumns, textContours } from './glyphs.js';
import { outlineOf, rectangle } from './outlines.js';
import { type Chart, type Dial, MASTER_SIDE, type Scene, type Shape, type Sign, type Thing } from './scene.js';
import { CHART, SIGN_MARGIN } from './things.js';
import { COLOURS, type Colour, HOURS } from './vocabulary.js';

const BLACK: Rgb = [15, 15, 15];
const WHITE: Rgb = [250, 250, 250];
/** Colours on which white ink is hard to read. */
const PALE: ReadonlySet<Colour> = new Set(['orange', 'yellow', 'pink']);
/** Levels of the background's channels. */
const BACKGROUND = { least: 205, most: 240 };
/** Standard deviation of the master's noise, in levels: what a finer picture could tell is lost in it. */
const NOISE = 16;

/**
 * Draws a scene, with noise that is its own: a pure function of the scene, with no system font and no library behind it.
 * @returns RGB, [672, 672, 3]
 */
export function drawMaster(scene: Scene): Uint8ClampedArray {
  const stream = random(0, `background of ${scene.id}`);
  const canvas: Canvas = { side: MASTER_SIDE, pixels: new Uint8ClampedArray(MASTER_SIDE * MASTER_SIDE * 3) };
  const row = MASTER_SIDE * 3;
  const tint = [0, 0, 0].map(() => BACKGROUND.least + stream.below(BACKGROUND.most - BACKGROUND.least));
  for (let i = 0; i < row; i++) canvas.pixels[i] = tint[i % 3]!;
  for (let y = 1; y < MASTER_SIDE; y++) canvas.pixels.copyWithin(y * row, 0, row);
  for (const thing of scene.things) drawThing(canvas, thing);
  const noise = noiseTable();
  for (let y = 0; y < MASTER_SIDE; y++) {
    const from = stream.below(noise.length - row);
    for (let i = 0; i < row; i++) canvas.pixels[y * row + i]! += noise[from + i]!;
  }
  return canvas.pixels; // [672, 672, 3]
}

let table: Int8Array | null = null;
/** Normal numbers that rows of noise are cut out of, each at a place of its own. */
function noiseTable(): Int8Array {
  if (table) return table;
  const stream = random(0, 'noise of the world');
  table = Int8Array.from({ length: 1 << 17 }, () => Math.round(NOISE * stream.normal()));
  return table;
}

function drawThing(canvas: Canvas, thing: Thing): void {
  if (thing.kind === 'shape') drawShape(canvas, thing);
  else if (thing.kind === 'sign') drawSign(canvas, thing);
  else if (thing.kind === 'dial') drawDial(canvas, thing);
  else drawChart(canvas, thing);
}

function drawShape(canvas: Canvas, { shape, colour, fill: style, box }: Shape): void {
  const outline = outlineOf(shape, box);
  fill(canvas, style === 'hollow' ? [outline, outlineOf(shape, shrunk(box, 0.55))] : [outline], COLOURS[colour]);
  if (style === 'dotted') fill(canvas, [outlineOf('circle', shrunk(box, 0.28))], BLACK);
}

function drawSign(canvas: Canvas, { text, colour, box }: Sign): void {
  const unit = box.height / (GLYPH_ROWS + 2 * SIGN_MARGIN);
  fill(canvas, [rectangle(box)], COLOURS[colour]);
  const ink = textContours(text, box.left + SIGN_MARGIN * unit, box.top + SIGN_MARGIN * unit, unit);
  fill(canvas, ink, PALE.has(colour) ? BLACK : WHITE);
}

function drawDial(canvas: Canvas, { colour, hour, box }: Dial): void {
  const radius = box.width / 2;
  const at = (turn: number, distance: number): [number, number] => [
    box.left + radius + Math.sin(turn * 2 * Math.PI) * distance * radius,
    box.top + radius - Math.cos(turn * 2 * Math.PI) * distance * radius,
  ];
  fill(canvas, [outlineOf('circle', box)], COLOURS[colour]);
  fill(canvas, [outlineOf('circle', shrunk(box, 0.8))], WHITE);
  for (let i = 0; i < HOURS; i++) {
    const turn = i / HOURS;
    const [wide, inner] = i === 0 ? [0.02, 0.5] : [0.008, 0.66];
    fill(canvas, [[...at(turn - wide, 0.78), ...at(turn + wide, 0.78), ...at(turn, inner)]], BLACK);
  }
  const turn = hour / HOURS;
  fill(canvas, [[...at(turn, 0.72), ...at(turn + 0.25, 0.1), ...at(turn + 0.5, 0.16), ...at(turn - 0.25, 0.1)]], BLACK);
}

function drawChart(canvas: Canvas, { step, bars, colour, box }: Chart): void {
  const unit = box.width / (2 * CHART.margin + CHART.numbers + bars.length * (CHART.bar + CHART.gap) + CHART.gap);
  const axis = box.left + (CHART.margin + CHART.numbers) * unit;
  const ground = box.top + box.height - (CHART.margin + GLYPH_ROWS / 2) * unit;
  const right = box.left + box.width - CHART.margin * unit;
  const line = unit * 0.8;
  fill(canvas, [rectangle(box)], COLOURS[colour]);
  fill(canvas, [rectangle(inset(box, 1.5 * unit))], WHITE);
  bars.forEach((bar, i) => {
    const left = axis + (CHART.gap + i * (CHART.bar + CHART.gap)) * unit;
    const height = bar.ticks * CHART.tick * unit;
    fill(canvas, [rectangle({ left, top: ground - height, width: CHART.bar * unit, height })], COLOURS[bar.colour]);
  });
  for (let tick = 0; tick <= CHART.ticks; tick++) {
    const height = ground - tick * CHART.tick * unit;
    fill(canvas, [rectangle({ left: axis, top: height - line / 2, width: right - axis, height: line })], BLACK);
    const number = String(tick * step);
    const left = axis - (textColumns(number) + 2) * unit;
    fill(canvas, textContours(number, left, height - (GLYPH_ROWS / 2) * unit, unit), BLACK);
  }
  fill(
    canvas,
    [
      rectangle({
        left: axis,
        top: ground - CHART.ticks * CHART.tick * unit,
        width: line,
        height: CHART.ticks * CHART.tick * unit,
      }),
    ],
    BLACK,
  );
}

/** A box with the same middle and a share of the sides. */
function shrunk(box: Box, share: number): Box {
  return inset(box, (box.width * (1 - share)) / 2);
}

/** A box without a rim. */
function inset({ top, left, width, height }: Box, rim: number): Box {
  return { top: top + rim, left: left + rim, width: width - 2 * rim, height: height - 2 * rim };
}
