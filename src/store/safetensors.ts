import { closeSync, fstatSync, openSync, readSync, writeSync } from 'node:fs';
import { endianness } from 'node:os';
import { Mm1Error } from '../errors.js';
import { parseHeader, type SafetensorsHeader, type TensorPlace } from './safetensors-header.js';
import { kindOf, kindOfValues, type TensorValues } from './safetensors-kinds.js';

export type { SafetensorsHeader, TensorPlace } from './safetensors-header.js';

/** One tensor of a file. */
export interface StoredTensor {
  readonly shape: readonly number[];
  readonly values: TensorValues;
}

/** The format allows 100 MB; names and shapes of the largest models take less than 10. */
const LARGEST_HEADER = 16 << 20;
/** Bytes that are read or written at once: Linux stops at 2 GB, and what is converted passes through memory this often. */
const CHUNK = 1 << 23;

/**
 * Reads what a safetensors file says of its tensors, and checks that they fill the file exactly. None of them is read.
 * @throws Mm1Error E_CHECKPOINT if the file is no safetensors file, is cut short, contradicts itself, or names a kind of
 *   number not read here
 */
export function readHeader(file: string): SafetensorsHeader {
  const descriptor = openFile(file, 'r');
  try {
    const stat = fstatSync(descriptor);
    if (!stat.isFile()) throw damaged(file, 'the checkpoint is not a file');
    if (stat.size < 8) throw damaged(file, 'the file is shorter than its own header');
    const prefix = Buffer.alloc(8);
    readInto(descriptor, prefix, 0, file);
    const declared = prefix.readBigUInt64LE();
    if (declared > BigInt(stat.size - 8)) throw damaged(file, `the header, ${declared} bytes, is longer than the file`);
    if (declared > LARGEST_HEADER) throw damaged(file, `the header, ${declared} bytes, is longer than any model's`);
    const json = new Uint8Array(Number(declared));
    readInto(descriptor, json, 8, file);
    return parseHeader(json, 8 + json.length, stat.size, (what) => damaged(file, what));
  } finally {
    closeSync(descriptor);
  }
}

/**
 * Reads tensors one at a time, so that no more than one need be in memory.
 * @param places where they lie, as {@link readHeader} gives it
 * @throws Mm1Error E_CHECKPOINT if the file cannot be read, or has become shorter
 */
export function* readTensors(
  file: string,
  places: ReadonlyMap<string, TensorPlace>,
): Generator<[name: string, tensor: StoredTensor]> {
  const descriptor = openFile(file, 'r');
  try {
    for (const [name, place] of places) {
      yield [name, { shape: place.shape, values: readValues(descriptor, place, file) }];
    }
  } finally {
    closeSync(descriptor);
  }
}

/**
 * Reads a safetensors file whole: floats of any width as float32.
 * @throws Mm1Error E_CHECKPOINT if the file is no safetensors file, is cut short, contradicts itself, or names a kind of
 *   number not read here
 */
export function readSafetensors(file: string): Map<string, StoredTensor> {
  return new Map(readTensors(file, readHeader(file).tensors));
}

/**
 * Reads the texts that a safetensors file carries beside its tensors.
 * @throws Mm1Error E_CHECKPOINT as {@link readHeader}
 */
export function readSafetensorsMetadata(file: string): Record<string, string> {
  return Object.fromEntries(readHeader(file).metadata);
}

/**
 * Writes tensors to a safetensors file, in the order given.
 * @throws Mm1Error E_CHECKPOINT if the file cannot be written
 */
export function writeSafetensors(
  file: string,
  tensors: ReadonlyMap<string, StoredTensor>,
  metadata: Readonly<Record<string, string>> = {},
): void {
  for (const [name, { shape, values }] of tensors) {
    if (sizeOf(shape) !== values.length) throw new Error(`${name} does not have its shape's size`);
  }
  const places = [...tensors].map(
    ([name, { shape, values }]): Place => ({
      name,
      shape,
      kind: kindOfValues(values),
      bytes: values.byteLength,
    }),
  );
  const descriptor = begun(file, places, metadata);
  try {
    for (const { values } of tensors.values()) writeFrom(descriptor, bytesOf(values));
  } catch (cause) {
    throw notWritten(file, cause);
  } finally {
    closeSync(descriptor);
  }
}

/** A tensor that is fetched when it is written: of a device, where it need not be in memory twice. */
export interface FetchedTensor {
  readonly shape: readonly number[];
  fetch(): Promise<Float32Array>;
}

/**
 * Writes tensors of 32-bit floats to a safetensors file, in the order given, each fetched after the one before is written.
 * @throws Mm1Error E_CHECKPOINT if the file cannot be written
 */
export async function writeFetched(
  file: string,
  tensors: ReadonlyMap<string, FetchedTensor>,
  metadata: Readonly<Record<string, string>> = {},
): Promise<void> {
  const places = [...tensors].map(
    ([name, { shape }]): Place => ({
      name,
      shape,
      kind: 'F32',
      bytes: Float32Array.BYTES_PER_ELEMENT * sizeOf(shape),
    }),
  );
  const descriptor = begun(file, places, metadata);
  try {
    for (const { fetch } of tensors.values()) {
      const values = await fetch();
      try {
        writeFrom(descriptor, bytesOf(values));
      } catch (cause) {
        throw notWritten(file, cause);
      }
    }
  } finally {
    closeSync(descriptor);
  }
}

interface Place {
  readonly name: string;
  readonly shape: readonly number[];
  readonly kind: string;
  readonly bytes: number;
}

const sizeOf = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

/** Opens a file and writes what stands before its numbers. */
function begun(file: string, places: readonly Place[], metadata: Readonly<Record<string, string>>): number {
  const header: Record<string, unknown> = { __metadata__: metadata };
  let at = 0;
  for (const { name, shape, kind, bytes } of places) {
    header[name] = { dtype: kind, shape, data_offsets: [at, at + bytes] };
    at += bytes;
  }
  const json = Buffer.from(JSON.stringify(header));
  const padded = Buffer.alloc(8 * Math.ceil(json.length / 8), ' '); // so that the numbers lie at multiples of 8
  json.copy(padded);
  const prefix = Buffer.alloc(8);
  prefix.writeBigUInt64LE(BigInt(padded.length));

  const descriptor = openFile(file, 'w');
  try {
    writeFrom(descriptor, prefix);
    writeFrom(descriptor, padded);
    return descriptor;
  } catch (cause) {
    closeSync(descriptor);
    throw notWritten(file, cause);
  }
}

function notWritten(file: string, cause: unknown): Mm1Error {
  return new Mm1Error('the checkpoint cannot be written', {
    code: 'E_CHECKPOINT',
    where: file,
    remedy: 'Free some disk, or choose another folder.',
    cause,
  });
}

function readValues(descriptor: number, { kind, begin, end }: TensorPlace, file: string): TensorValues {
  const { bytes, make, convert } = kindOf(kind);
  const values = make((end - begin) / bytes);
  if (!convert) {
    readInto(descriptor, bytesOf(values), begin, file);
    return values;
  }
  const step = CHUNK / bytes;
  for (let at = 0; at < values.length; at += step) {
    const part = values.subarray(at, at + step);
    const raw = new Uint8Array(part.length * bytes);
    readInto(descriptor, raw, begin + at * bytes, file);
    convert(raw.buffer, part);
  }
  return values;
}

/** Fills `target`; a read may give less than was asked for. */
function readInto(descriptor: number, target: Uint8Array, position: number, file: string): void {
  for (let at = 0; at < target.length; ) {
    const count = readSync(descriptor, target, at, Math.min(CHUNK, target.length - at), position + at);
    if (count === 0) throw damaged(file, 'the file has become shorter while it was read');
    at += count;
  }
}

/** Writes all of `source`; a write may take less than it was given. */
function writeFrom(descriptor: number, source: Uint8Array): void {
  for (let at = 0; at < source.length; ) {
    at += writeSync(descriptor, source, at, Math.min(CHUNK, source.length - at));
  }
}

/** The memory of values, as it lies in a file. */
function bytesOf({ buffer, byteOffset, byteLength }: TensorValues): Uint8Array {
  if (endianness() !== 'LE') throw new Error('safetensors files are little-endian');
  return new Uint8Array(buffer, byteOffset, byteLength);
}

function openFile(file: string, flags: 'r' | 'w'): number {
  try {
    return openSync(file, flags);
  } catch (cause) {
    throw new Mm1Error(`the checkpoint cannot be ${flags === 'r' ? 'opened' : 'written'}`, {
      code: 'E_CHECKPOINT',
      where: file,
      remedy: `Check that the path is right and ${flags === 'r' ? 'readable' : 'its folder writable'}.`,
      cause,
    });
  }
}

function damaged(file: string, what: string): Mm1Error {
  return new Mm1Error(what, {
    code: 'E_CHECKPOINT',
    where: file,
    remedy: 'Fetch or write the file again: it is not whole, or in another form than safetensors.',
  });
}
