import type { Box } from './regions.js';
import { compileKernel, type Kernel, PAIR_BYTES, PRECISION, REGISTER, ROWS, writePair } from './resample-kernel.js';

/** Rows of the source that are in the kernel's memory at once. */
const BAND = 4 * ROWS;
/** Bytes that the kernel may touch past the end of what it reads or writes. */
const SLACK = 64;
/** Bytes of a page of the kernel's memory. */
const PAGE = 1 << 16;

/** What each row (or column) of the result is weighed of. */
interface Windows {
  /** First row that has a weight, [count] */
  readonly starts: Int32Array;
  /** Rows that have a weight, [count] */
  readonly taps: Int32Array;
  /** Fixed-point weights that sum to about 2^22; zeros where a window has fewer, [count, most] */
  readonly weights: Int32Array;
  /** Most rows of a window, made even. */
  readonly most: number;
}

/**
 * Resizes a picture as Pillow's BICUBIC does, bit for bit: the resampling that CLIP's and its successors' checkpoints
 * were trained behind (the kernel is widened where the picture shrinks; rounded to 8 bits after each of two passes).
 * sharp's own bicubic differs by 1 or 2 levels where it shrinks and by far more where it enlarges.
 * Source: Pillow, src/libImaging/Resample.c.
 * @param pixels RGB, [height, width, 3], 0 to 255.
 * @param crop The part of the resized picture that is wanted; all of it if left out. Nothing else is computed.
 * @returns RGB, [crop.height, crop.width, 3].
 */
export function resizeBicubic(
  pixels: Uint8Array,
  width: number,
  height: number,
  newWidth: number,
  newHeight: number,
  crop: Box = { left: 0, top: 0, width: newWidth, height: newHeight },
): Uint8Array {
  const columns = windowsOf(width, newWidth, crop.left, crop.width);
  const rows = windowsOf(height, newHeight, crop.top, crop.height);
  const [first, end] = spanOf(rows);
  const [from, to] = [3 * width, 3 * crop.width];
  const stride = to + REGISTER - (to % REGISTER); // what is written past a row's end is no other row's
  const place = allot({
    columns: columns.starts.length * (4 + (columns.most / 2) * PAIR_BYTES),
    rows: rows.starts.length * (rows.most / 2) * PAIR_BYTES,
    band: BAND * from + 3 * columns.most,
    across: (end - first + BAND) * stride, // [rows of the source, crop.width, 3]
    down: crop.height * to, // [crop.height, crop.width, 3]
  });
  const { memory, across, down } = kernelWith(place.end);
  const bytes = new Uint8Array(memory.buffer);
  const view = new DataView(memory.buffer);

  const pairs = columns.most / 2;
  columns.starts.forEach((start, i) => {
    const at = place.columns + i * (4 + pairs * PAIR_BYTES);
    view.setInt32(at, 3 * start, true);
    writeWeights(view, at + 4, columns, i);
  });
  for (let y = first; y < end; y += BAND) {
    bytes.set(pixels.subarray(y * from, Math.min(y + BAND, end) * from), place.band);
    for (let row = 0; row < BAND; row += ROWS) {
      const target = place.across + (y - first + row) * stride;
      across(place.band + row * from, target, place.columns, crop.width, pairs, from, stride);
    }
  }

  rows.starts.forEach((start, i) => {
    const at = place.rows + i * (rows.most / 2) * PAIR_BYTES;
    writeWeights(view, at, rows, i);
    down(place.across + (start - first) * stride, place.down + i * to, at, Math.ceil(rows.taps[i]! / 2), stride);
  });
  return bytes.slice(place.down, place.down + crop.height * to);
}

/** First row that any window weighs, and the one after the last. */
function spanOf({ starts, taps }: Windows): [first: number, end: number] {
  const last = starts.length - 1;
  return [starts[0]!, starts[last]! + taps[last]!];
}

function writeWeights(view: DataView, at: number, { weights, most }: Windows, window: number): void {
  for (let tap = 0; tap < most; tap += 2) {
    const [first, second] = [weights[window * most + tap]!, weights[window * most + tap + 1]!];
    writePair(view, at + (tap / 2) * PAIR_BYTES, first, second);
  }
}

/** Places one after another in the kernel's memory, for sizes in bytes, and where they end. */
function allot<Name extends string>(sizes: Readonly<Record<Name, number>>): Record<Name | 'end', number> {
  let end = 0;
  const places = {} as Record<Name | 'end', number>;
  for (const name of Object.keys(sizes) as Name[]) {
    places[name] = end;
    end += sizes[name] + SLACK;
  }
  return { ...places, end };
}

let kernel: Kernel | null = null;
/** The one kernel, with at least so many bytes of memory. */
function kernelWith(bytes: number): Kernel {
  kernel ??= compileKernel();
  const missing = bytes - kernel.memory.buffer.byteLength;
  if (missing > 0) kernel.memory.grow(Math.ceil(missing / PAGE));
  return kernel;
}

/** Windows of a few rows of the result. */
function windowsOf(size: number, newSize: number, first: number, count: number): Windows {
  const scale = size / newSize;
  const stretch = Math.max(scale, 1);
  const support = 2 * stretch;
  const most = 2 * Math.ceil(support + 0.5);
  const [starts, taps] = [new Int32Array(count), new Int32Array(count)];
  const weights = new Int32Array(count * most);
  const exact = new Float64Array(most);
  for (let i = 0; i < count; i++) {
    const centre = (first + i + 0.5) * scale;
    const start = Math.max(0, Math.trunc(centre - support + 0.5));
    const end = Math.min(size, Math.trunc(centre + support + 0.5));
    let total = 0;
    for (let tap = 0; tap < end - start; tap++) {
      exact[tap] = cubic((start + tap - centre + 0.5) / stretch);
      total += exact[tap]!;
    }
    for (let tap = 0; tap < end - start; tap++) {
      const fixed = (exact[tap]! / total) * 2 ** PRECISION;
      weights[i * most + tap] = Math.trunc(fixed < 0 ? fixed - 0.5 : fixed + 0.5);
    }
    starts[i] = start;
    taps[i] = end - start;
  }
  return { starts, taps, weights, most };
}

/** Keys' cubic kernel with a = -1/2 (Catmull-Rom). */
function cubic(distance: number): number {
  const a = -0.5;
  const x = Math.abs(distance);
  if (x < 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
  if (x < 2) return (((x - 5) * x + 8) * x - 4) * a;
  return 0;
}
