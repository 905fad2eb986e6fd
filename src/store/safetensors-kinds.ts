import { getFloat16 } from '@petamoriken/float16';

/** Numbers as they are held in memory. */
export type TensorValues = Float32Array | Int32Array | BigInt64Array | Uint8Array;

interface Kind {
  /** Bytes of one number in the file. */
  readonly bytes: number;
  /** Room for a tensor. */
  readonly make: (count: number) => TensorValues;
  /** Puts numbers of the file into that room; left out where they lie in memory as they do in the file. */
  readonly convert?: (raw: ArrayBuffer, into: TensorValues) => void;
}

const floats = (count: number) => new Float32Array(count);
const integers = (count: number) => new Int32Array(count);
const bytes = (count: number) => new Uint8Array(count);

/** The number that each of the 65,536 half-precision patterns stands for, made when the first is read. */
let halves: Float32Array | undefined;

function makeHalves(): Float32Array {
  const view = new DataView(new ArrayBuffer(2));
  return Float32Array.from({ length: 1 << 16 }, (_, pattern) => {
    view.setUint16(0, pattern);
    return getFloat16(view, 0);
  });
}

function fromHalf(raw: ArrayBuffer, into: TensorValues): void {
  halves ??= makeHalves();
  const patterns = new Uint16Array(raw);
  for (let i = 0; i < patterns.length; i++) into[i] = halves[patterns[i]!]!;
}

/** bfloat16 is the upper half of a float32. */
function fromBrainFloat(raw: ArrayBuffer, into: TensorValues): void {
  const patterns = new Uint16Array(raw);
  const whole = new Uint32Array(into.buffer, into.byteOffset, into.length);
  for (let i = 0; i < patterns.length; i++) whole[i] = patterns[i]! << 16;
}

/** The kinds of numbers that are read: floats of any width as float32, small integers as int32, truth as 0 and 1. */
export const KINDS = {
  F32: { bytes: 4, make: floats },
  F64: { bytes: 8, make: floats, convert: (raw, into) => (into as Float32Array).set(new Float64Array(raw)) },
  F16: { bytes: 2, make: floats, convert: fromHalf },
  BF16: { bytes: 2, make: floats, convert: fromBrainFloat },
  I64: { bytes: 8, make: (count: number) => new BigInt64Array(count) },
  I32: { bytes: 4, make: integers },
  I16: { bytes: 2, make: integers, convert: (raw, into) => (into as Int32Array).set(new Int16Array(raw)) },
  U16: { bytes: 2, make: integers, convert: (raw, into) => (into as Int32Array).set(new Uint16Array(raw)) },
  I8: { bytes: 1, make: integers, convert: (raw, into) => (into as Int32Array).set(new Int8Array(raw)) },
  U8: { bytes: 1, make: bytes },
  BOOL: { bytes: 1, make: bytes },
} as const satisfies Record<string, Kind>;

/** Name of a kind of number, as the format writes it. */
export type KindName = keyof typeof KINDS;

/** How a kind is stored and read. */
export function kindOf(name: KindName): Kind {
  return KINDS[name];
}

/** The kind that values are written as. */
export function kindOfValues(values: TensorValues): KindName {
  if (values instanceof Float32Array) return 'F32';
  if (values instanceof Int32Array) return 'I32';
  return values instanceof BigInt64Array ? 'I64' : 'U8';
}
