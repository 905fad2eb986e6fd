import * as wasm from './wasm-code.js';

/** Bits after the point of the weights: Pillow's, for pixels of 8 bits. */
export const PRECISION = 22;
/** Rows that `across` works on at once. */
export const ROWS = 4;
/** Bytes that one pair of weights takes: the high parts of both, then the low parts. */
export const PAIR_BYTES = 8;
/** Low bits of a weight that are multiplied on their own: a product of 16-bit integers holds no whole weight. */
const LOW_BITS = 12;
/** Bytes of a register: rows that the kernel writes are a multiple of it, and longer than what is wanted of them. */
export const REGISTER = 16;

/**
 * What the kernel computes: sums of weighted pixels, exactly, in fixed point, rounded and clamped to 0 .. 255.
 * All arguments are addresses and sizes in bytes, but for counts. Both may read and write some bytes past what is asked.
 */
export interface Kernel {
  /** 64 KiB a page; the buffer is another one once it has grown. */
  readonly memory: { readonly buffer: ArrayBuffer; grow(pages: number): number };
  /**
   * Resizes {@link ROWS} rows of RGB pixels. Each window is the address of its first pixel from the row's start, then its
   * pairs of weights.
   */
  across(source: number, target: number, windows: number, count: number, pairs: number, row: number, out: number): void;
  /** One row of the result: a weighted sum of twice `pairs` rows. */
  down(source: number, target: number, weights: number, pairs: number, row: number): void;
}

/** Writes two weights as the kernel reads them. */
export function writePair(view: DataView, at: number, first: number, second: number): void {
  const low = (1 << LOW_BITS) - 1;
  view.setInt16(at, first >> LOW_BITS, true);
  view.setInt16(at + 2, second >> LOW_BITS, true);
  view.setInt16(at + 4, first & low, true);
  view.setInt16(at + 6, second & low, true);
}

/** What every JavaScript engine has, and neither ECMAScript's types nor Node's say. */
declare const WebAssembly: {
  readonly Module: new (code: Uint8Array) => object;
  readonly Instance: new (module: object) => { readonly exports: object };
};

/** Compiles the kernel, with a memory of its own. */
export function compileKernel(): Kernel {
  const module = new WebAssembly.Module(wasm.module({ across, down }));
  return new WebAssembly.Instance(module).exports as Kernel;
}

const { add, constant, get, less, load, multiply, set, repeat } = wasm.i32;
const { dot, shiftLeft, shiftRight, splat } = wasm.i32x4;

/** high x 2^12 + low, rounded to a level. */
const level = (high: number, low: number) =>
  shiftRight(wasm.i32x4.add(shiftLeft(get(high), LOW_BITS), get(low)), PRECISION);
/** The levels of four sums of four, as bytes. */
const levels = (high: readonly number[], low: readonly number[]) =>
  wasm.narrowToBytes(
    wasm.narrowToShorts(level(high[0]!, low[0]!), level(high[1]!, low[1]!)),
    wasm.narrowToShorts(level(high[2]!, low[2]!), level(high[3]!, low[3]!)),
  );
/** sum += the dot products of pairs of pixels with a pair of weights. */
const gather = (sum: number, pixels: number, weights: number) =>
  set(sum, wasm.i32x4.add(get(sum), dot(get(pixels), get(weights))));
const zero = splat(constant(0));
/** Half a level: sums are rounded, not cut. */
const half = splat(constant(1 << (PRECISION - 1)));

/** Two pixels' colours side by side, as 16-bit integers: R R G G B B and nothing. */
const PAIRED = [0, -1, 3, -1, 1, -1, 4, -1, 2, -1, 5, -1, -1, -1, -1, -1];

const across: wasm.Function = (() => {
  const [source, target, windows, count, pairs, row, out] = [0, 1, 2, 3, 4, 5, 6];
  const [weights, end, last] = [7, 8, 9];
  const rows = [...Array(ROWS).keys()];
  const at = rows.map((r) => 10 + r);
  const [high, low] = [rows.map((r) => 10 + ROWS + r), rows.map((r) => 10 + 2 * ROWS + r)];
  const [highs, lows, pixels] = [10 + 3 * ROWS, 11 + 3 * ROWS, 12 + 3 * ROWS];
  return {
    parameters: 7,
    integers: 3 + ROWS,
    vectors: 2 * ROWS + 3,
    body: [
      ...set(
        last,
        add(get(windows), multiply(get(count), add(constant(4), multiply(get(pairs), constant(PAIR_BYTES))))),
      ),
      ...repeat(less(get(windows), get(last)), [
        ...rows.flatMap((r) => [
          ...set(at[r]!, r === 0 ? add(get(source), load(get(windows))) : add(get(at[r - 1]!), get(row))),
          ...set(high[r]!, zero),
          ...set(low[r]!, half),
        ]),
        ...set(weights, add(get(windows), constant(4))),
        ...set(end, add(get(weights), multiply(get(pairs), constant(PAIR_BYTES)))),
        ...repeat(less(get(weights), get(end)), [
          ...set(highs, wasm.loadSplat32(get(weights), 0)),
          ...set(lows, wasm.loadSplat32(get(weights), 4)),
          ...rows.flatMap((r) => [
            ...set(pixels, wasm.swizzle(wasm.load64(get(at[r]!)), PAIRED)),
            ...gather(high[r]!, pixels, highs),
            ...gather(low[r]!, pixels, lows),
            ...set(at[r]!, add(get(at[r]!), constant(6))),
          ]),
          ...set(weights, add(get(weights), constant(PAIR_BYTES))),
        ]),
        ...set(pixels, levels(high, low)),
        ...rows.flatMap((r) => wasm.storeLane32(add(get(target), multiply(get(out), constant(r))), get(pixels), r)),
        ...set(target, add(get(target), constant(3))),
        ...set(windows, get(end)),
      ]),
    ],
  };
})();

const down: wasm.Function = (() => {
  const [source, target, weights, pairs, row] = [0, 1, 2, 3, 4];
  const [end, last, at, pair] = [5, 6, 7, 8];
  const quarters = [0, 1, 2, 3];
  const [high, low] = [quarters.map((q) => 9 + q), quarters.map((q) => 13 + q)];
  const [first, second, highs, lows, pixels] = [17, 18, 19, 20, 21];
  return {
    parameters: 5,
    integers: 4,
    vectors: 13,
    body: [
      ...set(end, add(get(source), get(row))),
      ...set(last, add(get(weights), multiply(get(pairs), constant(PAIR_BYTES)))),
      ...repeat(less(get(source), get(end)), [
        ...set(at, get(source)),
        ...set(pair, get(weights)),
        ...quarters.flatMap((q) => [...set(high[q]!, zero), ...set(low[q]!, half)]),
        ...repeat(less(get(pair), get(last)), [
          ...set(highs, wasm.loadSplat32(get(pair), 0)),
          ...set(lows, wasm.loadSplat32(get(pair), 4)),
          ...set(first, wasm.load128(get(at))),
          ...set(second, wasm.load128(add(get(at), get(row)))),
          ...quarters.flatMap((q) => [
            ...set(pixels, wasm.quarterPairs(get(first), get(second), q)),
            ...gather(high[q]!, pixels, highs),
            ...gather(low[q]!, pixels, lows),
          ]),
          ...set(at, add(get(at), add(get(row), get(row)))),
          ...set(pair, add(get(pair), constant(PAIR_BYTES))),
        ]),
        ...wasm.store128(get(target), levels(high, low)),
        ...set(source, add(get(source), constant(REGISTER))),
        ...set(target, add(get(target), constant(REGISTER))),
      ]),
    ],
  };
})();
