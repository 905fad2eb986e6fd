import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { Mm1Error } from '../../src/errors.js';
import { readSafetensors, type StoredTensor, writeSafetensors } from '../../src/store/safetensors.js';

const folder = mkdtempSync(join(tmpdir(), 'mm1-safetensors-'));

it('reads what it wrote', () => {
  const file = join(folder, 'whole.safetensors');
  const tensors = new Map<string, StoredTensor>([
    ['a', { shape: [2, 3], values: Float32Array.of(1, 2, 3, 4, 5, 6.5) }],
    ['ids', { shape: [2], values: BigInt64Array.of(7n, -8n) }],
    ['scalar', { shape: [], values: Float32Array.of(Math.PI) }],
    ['bytes', { shape: [3], values: Uint8Array.of(1, 2, 255) }],
  ]);
  writeSafetensors(file, tensors, { format: 'pt' });
  expect(readSafetensors(file)).toEqual(tensors);
});

function withHeader(name: string, header: unknown, data: number, length?: bigint): string {
  const json = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header));
  const prefix = Buffer.alloc(8);
  prefix.writeBigUInt64LE(length ?? BigInt(json.length));
  const file = join(folder, `${name}.safetensors`);
  writeFileSync(file, Buffer.concat([prefix, json, Buffer.alloc(data)]));
  return file;
}

const entry = (begin: number, end: number, shape = [(end - begin) / 4], dtype = 'F32') => ({
  dtype,
  shape,
  data_offsets: [begin, end],
});

it.each([
  ['header longer than the file', withHeader('long', '{}', 0, 1n << 60n), /longer than the file/],
  ['no JSON', withHeader('json', '{"a":', 0), /not JSON/],
  ['offsets beyond the end', withHeader('beyond', { a: entry(0, 400) }, 40), /beyond the end/],
  ['overlapping tensors', withHeader('overlap', { a: entry(0, 40), b: entry(20, 60) }, 60), /starts at 20/],
  ['bytes that do not fit the shape', withHeader('shape', { a: entry(0, 40, [11]) }, 40), /its shape needs 44/],
  ['a shape of 10^9 rows', withHeader('huge', { a: entry(0, 40, [1e9, 1e9]) }, 40), /its shape needs/],
  ['half floats', withHeader('half', { a: entry(0, 40, [20], 'F16') }, 40), /F16/],
  ['negative sizes', withHeader('negative', { a: entry(0, 40, [-10]) }, 40), /malformed/],
])('refuses %s', (_, file, message) => {
  expect(() => readSafetensors(file)).toThrow(message);
  expect(() => readSafetensors(file)).toThrow(Mm1Error);
});

it('names a file that is not there', () => {
  expect(() => readSafetensors(join(folder, 'none'))).toThrow(/cannot be opened/);
});
