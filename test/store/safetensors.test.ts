import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { Mm1Error } from '../../src/errors.js';
import {
  readHeader,
  readSafetensors,
  readSafetensorsMetadata,
  readTensors,
  type StoredTensor,
  writeFetched,
  writeSafetensors,
} from '../../src/store/safetensors.js';

const folder = mkdtempSync(join(tmpdir(), 'mm1-safetensors-'));
afterAll(() => rmSync(folder, { recursive: true }));

const TENSORS = new Map<string, StoredTensor>([
  ['a', { shape: [2, 3], values: Float32Array.of(1, 2, 3, 4, 5, 6.5) }],
  ['ids', { shape: [2], values: BigInt64Array.of(7n, -8n) }],
  ['scalar', { shape: [], values: Float32Array.of(Math.PI) }],
  ['nothing', { shape: [0, 3], values: new Float32Array(0) }],
  ['bytes', { shape: [3], values: Uint8Array.of(1, 2, 255) }],
  ['whole "é" \\ \n', { shape: [1], values: Int32Array.of(-5) }],
]);

describe('what is written', () => {
  const file = join(folder, 'whole.safetensors');

  it('is read again, with its texts', () => {
    writeSafetensors(file, TENSORS, { format: 'pt', step: '3' });
    expect([...readSafetensors(file)]).toEqual([...TENSORS]);
    expect(readSafetensorsMetadata(file)).toEqual({ format: 'pt', step: '3' });
  });

  it('is known by its header alone, and read in part', () => {
    writeSafetensors(file, TENSORS);
    const { tensors } = readHeader(file);
    expect([...tensors.keys()]).toEqual([...TENSORS.keys()]);
    expect(tensors.get('a')).toMatchObject({ kind: 'F32', shape: [2, 3] });
    expect(tensors.get('a')!.begin % 8).toBe(0);
    const wanted = new Map([['ids', tensors.get('ids')!]]);
    expect([...readTensors(file, wanted)]).toEqual([['ids', TENSORS.get('ids')]]);
  });

  it('is larger than what is read at once', () => {
    const values = Float32Array.from({ length: 5_000_001 }, (_, i) => i % 65_521);
    writeSafetensors(file, new Map([['large', { shape: [values.length], values }]]));
    expect(Buffer.from(readSafetensors(file).get('large')!.values.buffer).equals(Buffer.from(values.buffer))).toBe(
      true,
    );
  });

  it('fits its shape', () => {
    const wrong = new Map([['a', { shape: [3], values: new Float32Array(2) }]]);
    expect(() => writeSafetensors(file, wrong)).toThrow('a does not have');
  });

  it('needs a folder', () => {
    expect(() => writeSafetensors(join(folder, 'none', 'x'), TENSORS)).toThrow(
      expect.objectContaining({ code: 'E_CHECKPOINT', message: 'the checkpoint cannot be written' }),
    );
  });

  it('needs room on the disk', () => {
    expect(() => writeSafetensors('/dev/full', TENSORS)).toThrow(
      expect.objectContaining({ code: 'E_CHECKPOINT', remedy: expect.stringContaining('Free some disk') }),
    );
  });
});

describe('a file of tensors that are fetched', () => {
  const tensors = (order: string[]) =>
    new Map(
      [1, 2].map((size) => [
        `t${size}`,
        {
          shape: [size],
          async fetch() {
            order.push(`t${size}`);
            return new Float32Array(size).fill(size);
          },
        },
      ]),
    );

  it('is the file of the same tensors at hand; each is fetched once, in order', async () => {
    const order: string[] = [];
    const file = join(folder, 'stored.safetensors');
    const other = join(folder, 'fetched.safetensors');
    await writeFetched(other, tensors(order), { step: '3' });
    const stored = [1, 2].map((size): [string, StoredTensor] => [
      `t${size}`,
      { shape: [size], values: new Float32Array(size).fill(size) },
    ]);
    writeSafetensors(file, new Map(stored), { step: '3' });
    expect(readFileSync(other).equals(readFileSync(file))).toBe(true);
    expect(order).toEqual(['t1', 't2']);
  });

  it('needs room on the disk', async () => {
    await expect(writeFetched('/dev/full', tensors([]))).rejects.toMatchObject({ code: 'E_CHECKPOINT' });
  });
});

/** A file made by hand. */
function made(name: string, header: unknown, data: Uint8Array | number, length?: bigint): string {
  const json =
    header instanceof Uint8Array ? header : Buffer.from(typeof header === 'string' ? header : JSON.stringify(header));
  const prefix = Buffer.alloc(8);
  prefix.writeBigUInt64LE(length ?? BigInt(json.length));
  const file = join(folder, `${name}.safetensors`);
  writeFileSync(file, Buffer.concat([prefix, json, typeof data === 'number' ? Buffer.alloc(data) : data]));
  return file;
}

const entry = (begin: number, end: number, shape = [(end - begin) / 4], dtype = 'F32') => ({
  dtype,
  shape,
  data_offsets: [begin, end],
});

const bytes = (values: ArrayBufferView) => new Uint8Array(values.buffer, values.byteOffset, values.byteLength);

// Patterns of 1, -2, 0.1, the least and the largest half, infinity, NaN, -0 (IEEE 754, section 3.6).
const HALVES = Uint16Array.of(0x3c00, 0xc000, 0x2e66, 0x0001, 0x7bff, 0x7c00, 0x7e00, 0x8000);
const HALF_VALUES = [1, -2, 0.0999755859375, 2 ** -24, 65_504, Infinity, NaN, -0];
// 1, -2, 0.1 cut to 8 bits, infinity, NaN, -0.
const BRAIN = Uint16Array.of(0x3f80, 0xc000, 0x3dcd, 0x7f80, 0x7fc0, 0x8000);
const BRAIN_VALUES = [1, -2, 0.10009765625, Infinity, NaN, -0];

describe.each([
  ['F64', bytes(Float64Array.of(1.5, -1 / 3)), Float32Array.of(1.5, -1 / 3)],
  ['F16', bytes(HALVES), Float32Array.from(HALF_VALUES)],
  ['BF16', bytes(BRAIN), Float32Array.from(BRAIN_VALUES)],
  ['I32', bytes(Int32Array.of(-7, 7)), Int32Array.of(-7, 7)],
  ['I16', bytes(Int16Array.of(-7, 7)), Int32Array.of(-7, 7)],
  ['U16', bytes(Uint16Array.of(65_535, 7)), Int32Array.of(65_535, 7)],
  ['I8', bytes(Int8Array.of(-7, 7)), Int32Array.of(-7, 7)],
  ['U8', bytes(Uint8Array.of(255, 7)), Uint8Array.of(255, 7)],
  ['BOOL', bytes(Uint8Array.of(0, 1)), Uint8Array.of(0, 1)],
])('numbers of kind %s', (dtype, data, values) => {
  it('are read', () => {
    const file = made(dtype, { x: entry(0, data.length, [values.length], dtype) }, data);
    expect(readSafetensors(file).get('x')).toEqual({ shape: [values.length], values });
  });
});

it('numbers that are converted in several parts are read whole', () => {
  const count = (1 << 22) + 3;
  const data = Uint16Array.from({ length: count }, (_, i) => (i % 127) << 7);
  const file = made('parts', { x: entry(0, 2 * count, [count], 'BF16') }, bytes(data));
  const { values } = readSafetensors(file).get('x')!;
  const whole = Uint32Array.from(data, (pattern) => pattern << 16);
  expect(Buffer.from(values.buffer).equals(Buffer.from(whole.buffer))).toBe(true);
});

it('space around the header and fields in another order are no fault', () => {
  const file = made('order', '{ "a" : {"data_offsets":[ 0,4],"dtype":"F32","shape":[]} }   \n', 4);
  expect(readSafetensors(file).get('a')!.shape).toEqual([]);
  expect(readSafetensors(made('empty', '{}', 0)).size).toBe(0);
});

const a = entry(0, 40);
const text = (from: string) => `{"a":{"dtype":"F32","shape":[10],"data_offsets":[0,40]}${from}`;
const many = (count: number) =>
  `{${Array.from({ length: count }, (_, i) => `"${i}":{"dtype":"F32","shape":[0],"data_offsets":[0,0]}`).join(',')}}`;
const longest = BigInt((16 << 20) + 8);

describe.each<[what: string, file: () => string, message: string]>([
  ['a header longer than the file', () => made('long', '{}', 0, 1n << 60n), 'longer than the file'],
  ['a header of 2^64 - 1 bytes', () => made('longest', '{}', 0, (1n << 64n) - 1n), 'longer than the file'],
  ['a header longer than any', () => made('fat', Buffer.alloc(Number(longest), ' '), 0), "longer than any model's"],
  ['no header', () => made('none', '', 0), '{ was expected at character 1'],
  ['seven bytes', () => write('seven', Buffer.alloc(7)), 'shorter than its own header'],
  ['no JSON', () => made('json', '{"a":', 0), '{ was expected'],
  ['a list', () => made('list', '[1]', 0), '{ was expected'],
  ['a header that is cut', () => made('cut', text(''), 40), '} was expected'],
  ['something after the header', () => made('after', text('} {}'), 40), 'the end was expected'],
  ['a comma too many', () => made('comma', text(',}'), 40), 'a text was expected'],
  ['a text without an end', () => made('endless', '{"a', 0), 'a text that ends'],
  ['a text with a line break', () => made('break', '{"a\n":1}', 0), 'a text was expected'],
  ['no UTF-8', () => made('utf8', Buffer.from([0x7b, 0x22, 0xff, 0x22]), 0), 'not UTF-8'],
  ['deep nesting', () => made('deep', '['.repeat(8 << 20), 0), '{ was expected'],
  ['deep nesting inside', () => made('deeper', `{"a":${'{"a":'.repeat(1 << 20)}`, 0), 'a does not belong there'],
  ['a deep shape', () => made('deepshape', `{"a":{"shape":${'['.repeat(8 << 20)}`, 0), 'a whole number'],
  ['300,000 entries', () => made('many', many(300_000), 0), "longer than any model's"],
  ['40,000 entries', () => made('tooMany', many(40_000), 0), 'more than 32768 names'],
  ['40,000 texts', () => made('texts', { __metadata__: Object.fromEntries(rows(40_000)) }, 0), 'more than 32768 names'],
  ['a shape of 3 million axes', () => made('axes', `{"a":{"shape":[${'1,'.repeat(3e6)}1]}}`, 0), 'at most 16'],
  ['offsets beyond the end', () => made('beyond', { a: entry(0, 400) }, 40), 'beyond the end'],
  ['10^9 numbers', () => made('numbers', { a: entry(0, 4e9) }, 40), 'beyond the end'],
  ['overlapping tensors', () => made('overlap', { a, b: entry(20, 60) }, 60), 'b starts at 20 where'],
  ['the same bytes twice', () => made('twice', { a, b: entry(0, 40) }, 40), 'starts at 0 where'],
  ['a gap', () => made('gap', { a, b: entry(44, 84) }, 84), 'b starts at 44 where the tensor before it ends at 40'],
  ['a gap at the start', () => made('start', { a: entry(4, 44) }, 44), 'a starts at 4'],
  ['bytes after the last tensor', () => made('tail', { a }, 44), 'goes on for 4 bytes'],
  ['a truncated file', () => cut('truncated', { a }, 40, 1), 'a ends beyond the end'],
  ['bytes that do not fit the shape', () => made('shape', { a: entry(0, 40, [11]) }, 40), 'its shape needs 44'],
  ['10^9 rows', () => made('huge', { a: entry(0, 40, [1e9, 1e9]) }, 40), 'its shape needs'],
  ['a product beyond 2^64', () => made('over', { a: entry(0, 0, Array(16).fill(2 ** 52)) }, 0), 'its shape needs'],
  ['offsets that go backwards', () => made('back', { a: entry(40, 0, [0]) }, 40), 'has -40 bytes'],
  ['negative sizes', () => made('negative', { a: entry(0, 40, [-10]) }, 40), 'a whole number from 0'],
  ['negative offsets', () => made('minus', { a: entry(-40, 0, [10]) }, 40), 'a whole number from 0'],
  ['sizes with a fraction', () => made('fraction', { a: entry(0, 40, [2.5, 4]) }, 40), 'a whole number from 0'],
  ['sizes with an exponent', () => made('e', text(',"b":{"shape":[1e1]}}'), 40), 'a whole number from 0'],
  ['sizes beyond 2^53', () => made('2e53', text(',"b":{"shape":[9007199254740992]}}'), 40), 'a whole number from 0'],
  ['sizes that are texts', () => made('words', text(',"b":{"shape":["1"]}}'), 40), 'a whole number from 0'],
  ['a name that comes twice', () => made('dup', text(`,${text('').slice(1)}}`), 40), 'a comes twice'],
  ['a field that comes twice', () => made('field', '{"a":{"shape":[1],"shape":[2]}}', 40), 'shape does not belong'],
  ['texts that come twice', () => made('meta', '{"__metadata__":{},"__metadata__":{}}', 0), 'comes twice'],
  ['a text that comes twice', () => made('key', '{"__metadata__":{"k":"1","k":"2"}}', 0), 'k comes twice in'],
  ['a text that is a number', () => made('number', { __metadata__: { step: 3 } }, 0), 'a text was expected'],
  ['texts that are a list', () => made('texts2', { __metadata__: [] }, 0), '{ was expected'],
  ['one offset', () => made('one', { a: { ...a, data_offsets: [40] } }, 40), 'two data_offsets'],
  ['three offsets', () => made('three', { a: { ...a, data_offsets: [0, 40, 40] } }, 40), 'at most 2'],
  ['no shape', () => made('noshape', { a: { dtype: 'F32', data_offsets: [0, 40] } }, 40), 'malformed'],
  ['a kind that is not read', () => made('kind', { a: entry(0, 40, [40], 'F8_E4M3') }, 40), 'a holds F8_E4M3; read'],
  ['a kind that objects have', () => made('proto', { a: entry(0, 40, [40], 'toString') }, 40), 'a holds toString'],
  ['a folder', () => folder, 'not a file'],
])('%s', (_, file, message) => {
  it('is refused, and takes no memory', () => {
    const path = file();
    const before = process.memoryUsage();
    expect(() => readSafetensors(path)).toThrow(message);
    expect(() => readSafetensors(path)).toThrow(expect.objectContaining({ code: 'E_CHECKPOINT', where: path }));
    const after = process.memoryUsage();
    expect(after.arrayBuffers - before.arrayBuffers).toBeLessThan(50e6);
    expect(after.heapUsed - before.heapUsed).toBeLessThan(50e6);
  });
});

function* rows(count: number): Generator<[string, string]> {
  for (let i = 0; i < count; i++) yield [String(i), ''];
}

function write(name: string, content: Uint8Array): string {
  const file = join(folder, `${name}.safetensors`);
  writeFileSync(file, content);
  return file;
}

function cut(name: string, header: unknown, data: number, missing: number): string {
  const file = made(name, header, data);
  const { begin } = readHeader(file).tensors.get('a')!;
  truncateSync(file, begin + data - missing);
  return file;
}

it('a file that becomes shorter while it is read is refused', () => {
  const file = made('shrinks', { a, b: entry(40, 80) }, 80);
  const { tensors } = readHeader(file);
  truncateSync(file, tensors.get('b')!.begin + 4);
  expect(() => [...readTensors(file, tensors)]).toThrow('has become shorter');
});

it('names a file that is not there', () => {
  expect(() => readSafetensors(join(folder, 'none'))).toThrow(/cannot be opened/);
  expect(() => readSafetensors(join(folder, 'none'))).toThrow(Mm1Error);
});

it('shows no control characters and no endless names', () => {
  const name = `\u001b[31m${'x'.repeat(1e6)}`;
  const file = made('controls', { [name]: entry(0, 40, [11]) }, 40);
  expect(() => readSafetensors(file)).toThrow(/^�\[31mx{115}\.\.\. has 40 bytes/);
});
