/**
 * As much of WebAssembly's binary format as the kernel of resample-kernel.ts takes: each function gives the bytes of one
 * instruction, after those of its arguments.
 * Source: WebAssembly Core Specification 2.0, chapter 5.
 * @module
 */

/** Instructions, as the bytes that stand for them. */
export type Code = readonly number[];

export interface Function {
  /** All are 32-bit integers. Locals are numbered: parameters, then integers, then vectors. */
  readonly parameters: number;
  readonly integers: number;
  readonly vectors: number;
  readonly body: Code;
}

const [I32, V128, FUNCTION, EMPTY] = [0x7f, 0x7b, 0x60, 0x40];

/** LEB128, unsigned. */
function unsigned(value: number): Code {
  return value < 128 ? [value] : [(value & 127) | 128, ...unsigned(value >>> 7)];
}

/** LEB128, signed. */
function signed(value: number): Code {
  return value >= -64 && value < 64 ? [value & 127] : [(value & 127) | 128, ...signed(value >> 7)];
}

const vector = (items: readonly Code[]): Code => [...unsigned(items.length), ...items.flat()];
const sized = (bytes: Code): Code => [...unsigned(bytes.length), ...bytes];

/** A module that exports its functions, which return nothing, and `memory`, of one page at first. */
export function module(functions: Readonly<Record<string, Function>>): Uint8Array<ArrayBuffer> {
  const all = Object.values(functions);
  const exported = (name: string, kind: number, index: number) => [...sized([...Buffer.from(name)]), kind, index];
  const sections: readonly [id: number, content: Code][] = [
    [1, vector(all.map(({ parameters }) => [FUNCTION, ...vector(Array(parameters).fill([I32])), 0]))],
    [3, vector(all.map((_, i) => [i]))],
    [5, vector([[0, 1]])],
    [7, vector([exported('memory', 2, 0), ...Object.keys(functions).map((name, i) => exported(name, 0, i))])],
    [
      10,
      vector(
        all.map(({ integers, vectors, body }) =>
          sized([
            ...vector([
              [integers, I32],
              [vectors, V128],
            ]),
            ...body,
            0x0b,
          ]),
        ),
      ),
    ],
  ];
  return Uint8Array.from([
    ...[0, ...Buffer.from('asm')],
    ...[1, 0, 0, 0],
    ...sections.flatMap(([id, content]) => [id, ...sized(content)]),
  ]);
}

export const i32 = {
  get: (local: number): Code => [0x20, local],
  set: (local: number, value: Code): Code => [...value, 0x21, local],
  constant: (value: number): Code => [0x41, ...signed(value)],
  load: (address: Code): Code => [...address, 0x28, 2, 0],
  less: (a: Code, b: Code): Code => [...a, ...b, 0x49],
  add: (a: Code, b: Code): Code => [...a, ...b, 0x6a],
  multiply: (a: Code, b: Code): Code => [...a, ...b, 0x6c],
  /** Does the body, and again while the condition holds. */
  repeat: (condition: Code, body: Code): Code => [0x03, EMPTY, ...body, ...condition, 0x0d, 0, 0x0b],
};

const simd = (code: number): Code => [0xfd, ...unsigned(code)];

/** Four 32-bit integers. */
export const i32x4 = {
  splat: (a: Code): Code => [...a, ...simd(17)],
  shiftLeft: (a: Code, bits: number): Code => [...a, ...i32.constant(bits), ...simd(171)],
  shiftRight: (a: Code, bits: number): Code => [...a, ...i32.constant(bits), ...simd(172)],
  add: (a: Code, b: Code): Code => [...a, ...b, ...simd(174)],
  /** Products of two lists of eight 16-bit integers, summed by twos. */
  dot: (a: Code, b: Code): Code => [...a, ...b, ...simd(186)],
};

export const load128 = (address: Code): Code => [...address, ...simd(0), 0, 0];
/** Eight bytes, and eight zeros. */
export const load64 = (address: Code): Code => [...address, ...simd(93), 0, 0];
/** Four bytes, four times. */
export const loadSplat32 = (address: Code, offset: number): Code => [...address, ...simd(9), 0, offset];
export const store128 = (address: Code, value: Code): Code => [...address, ...value, ...simd(11), 0, 0];
/** Stores one quarter of a vector. */
export const storeLane32 = (address: Code, value: Code, lane: number): Code => [
  ...address,
  ...value,
  ...simd(90),
  0,
  0,
  lane,
];

/** Bytes of a vector in another order; zero where the place is -1. */
export const swizzle = (a: Code, places: readonly number[]): Code => [
  ...a,
  ...simd(12),
  ...places.map((place) => place & 255),
  ...simd(14),
];

/** One quarter of the bytes of two vectors as 16-bit integers, one of the first and one of the second in turn. */
export const quarterPairs = (a: Code, b: Code, quarter: number): Code => {
  const start = quarter < 2 ? 0 : 8;
  const zipped = Array.from({ length: 16 }, (_, i) => start + (i >> 1) + (i & 1) * 16);
  return [...a, ...b, ...simd(13), ...zipped, ...simd(quarter % 2 === 0 ? 137 : 138)];
};

/** Eight 32-bit integers as 16-bit ones, clamped. */
export const narrowToShorts = (a: Code, b: Code): Code => [...a, ...b, ...simd(133)];
/** Sixteen 16-bit integers as bytes, clamped to 0 .. 255. */
export const narrowToBytes = (a: Code, b: Code): Code => [...a, ...b, ...simd(102)];
