import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32c } from './crc32c.js';

/** A number at a step, under a name. */
export interface Scalar {
  readonly tag: string;
  readonly step: number;
  readonly value: number;
}

/**
 * Writes scalars as a TensorBoard event file: records of a length, an Event in protobuf, and a masked CRC-32C of each
 * (TensorFlow's record_writer.cc; event.proto and summary.proto).
 * @param folder of one run, which is made
 * @param seconds since 1970 that every event bears
 * @returns the file
 */
export function writeEvents(folder: string, scalars: readonly Scalar[], seconds: number): string {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `events.out.tfevents.${Math.floor(seconds)}.mm1`);
  const first = message(doubleField(1, seconds), bytesField(3, Buffer.from('brain.Event:2')));
  const events = scalars.map(({ tag, step, value }) => {
    const summary = bytesField(1, message(bytesField(1, Buffer.from(tag)), floatField(2, value)));
    return message(doubleField(1, seconds), varintField(2, step), bytesField(5, summary));
  });
  writeFileSync(path, Buffer.concat([first, ...events].flatMap(record)));
  return path;
}

function record(data: Buffer): Buffer[] {
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(data.length));
  return [length, masked(length), data, masked(data)];
}

/** A CRC of data that itself holds CRCs is masked, for it would be a weak one. */
function masked(data: Buffer): Buffer {
  const crc = crc32c(data);
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE((((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0);
  return bytes;
}

const message = (...fields: readonly Buffer[]): Buffer => Buffer.concat(fields);

/** Number of the field and how it is written: 0 varint, 1 eight bytes, 2 bytes, 5 four bytes. */
const key = (field: number, wire: number): Buffer => Buffer.from([(field << 3) | wire]);

function varint(value: number): Buffer {
  const bytes: number[] = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return Buffer.from([...bytes, rest]);
    bytes.push((rest % 128) | 128);
  }
}

const varintField = (field: number, value: number): Buffer => message(key(field, 0), varint(value));

const bytesField = (field: number, value: Buffer): Buffer => message(key(field, 2), varint(value.length), value);

function doubleField(field: number, value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleLE(value);
  return message(key(field, 1), bytes);
}

function floatField(field: number, value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeFloatLE(value);
  return message(key(field, 5), bytes);
}
