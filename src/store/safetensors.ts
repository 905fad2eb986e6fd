import { closeSync, fstatSync, openSync, readSync, writeFileSync } from 'node:fs';
import { endianness } from 'node:os';
import { z } from 'zod';
import { Mm1Error } from '../errors.js';

/** One tensor as it lies in a file. */
export interface StoredTensor {
  readonly shape: readonly number[];
  readonly values: Float32Array | Int32Array | BigInt64Array | Uint8Array;
}

const KINDS = {
  F32: { bytes: 4, view: Float32Array },
  I32: { bytes: 4, view: Int32Array },
  I64: { bytes: 8, view: BigInt64Array },
  U8: { bytes: 1, view: Uint8Array },
} as const;

/** The format's own limit on its header, in bytes. */
const LARGEST_HEADER = 100_000_000;

const entrySchema = z.object({
  dtype: z.string(),
  shape: z.array(z.number().int().nonnegative().max(Number.MAX_SAFE_INTEGER)),
  data_offsets: z.tuple([z.number().int().nonnegative(), z.number().int().nonnegative()]),
});

/**
 * Reads a safetensors file whole.
 * @throws Mm1Error E_CHECKPOINT if the file is no safetensors file, is cut short, or names a kind of number not read here
 */
export function readSafetensors(file: string): Map<string, StoredTensor> {
  const fault = (what: string) =>
    new Mm1Error(what, {
      code: 'E_CHECKPOINT',
      where: file,
      remedy: 'Fetch or write the file again: it is not whole.',
    });
  let descriptor: number;
  try {
    descriptor = openSync(file, 'r');
  } catch (cause) {
    throw new Mm1Error('the checkpoint cannot be opened', {
      code: 'E_CHECKPOINT',
      where: file,
      remedy: 'Check that the path is right and readable.',
      cause,
    });
  }
  try {
    const size = fstatSync(descriptor).size;
    const prefix = Buffer.alloc(8);
    if (readSync(descriptor, prefix, 0, 8, 0) < 8) throw fault('the file is shorter than its own header');
    const headerBytes = Number(prefix.readBigUInt64LE());
    if (headerBytes > LARGEST_HEADER || 8 + headerBytes > size) throw fault('the header is longer than the file');
    const header = Buffer.alloc(headerBytes);
    readSync(descriptor, header, 0, headerBytes, 8);
    const entries = parseHeader(header.toString('utf8'), size - 8 - headerBytes, fault);

    const tensors = new Map<string, StoredTensor>();
    for (const [name, { dtype, shape, begin, end }] of entries) {
      const bytes = new ArrayBuffer(end - begin);
      readSync(descriptor, new Uint8Array(bytes), 0, end - begin, 8 + headerBytes + begin);
      tensors.set(name, { shape, values: new KINDS[dtype].view(bytes) });
    }
    return tensors;
  } finally {
    closeSync(descriptor);
  }
}

interface Entry {
  dtype: keyof typeof KINDS;
  shape: number[];
  begin: number;
  end: number;
}

function parseHeader(text: string, dataBytes: number, fault: (what: string) => Mm1Error): Map<string, Entry> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw fault('the header is not JSON');
  }
  if (typeof json !== 'object' || json === null) throw fault('the header is no table of tensors');
  const entries = new Map<string, Entry>();
  for (const [name, value] of Object.entries(json)) {
    if (name === '__metadata__') continue;
    const parsed = entrySchema.safeParse(value);
    if (!parsed.success) throw fault(`the header's entry for ${name} is malformed`);
    const { dtype, shape, data_offsets: offsets } = parsed.data;
    if (!(dtype in KINDS)) throw fault(`${name} holds ${dtype}; read here are ${Object.keys(KINDS).join(', ')}`);
    const kind = dtype as keyof typeof KINDS;
    const expected = shape.reduce((a, b) => a * b, 1) * KINDS[kind].bytes;
    const [begin, end] = offsets;
    if (end - begin !== expected) throw fault(`${name} has ${end - begin} bytes where its shape needs ${expected}`);
    if (end > dataBytes) throw fault(`${name} ends beyond the end of the file`);
    entries.set(name, { dtype: kind, shape, begin, end });
  }
  let at = 0;
  for (const [name, { begin, end }] of [...entries].sort(([, a], [, b]) => a.begin - b.begin || a.end - b.end)) {
    if (begin !== at) throw fault(`${name} starts at ${begin} where the tensor before it ends at ${at}`);
    at = end;
  }
  return entries;
}

/** Writes tensors to a safetensors file, in the order given. */
export function writeSafetensors(
  file: string,
  tensors: ReadonlyMap<string, StoredTensor>,
  metadata: Readonly<Record<string, string>> = {},
): void {
  if (endianness() !== 'LE') throw new Error('safetensors files are little-endian');
  const header: Record<string, unknown> = { __metadata__: metadata };
  let at = 0;
  const chunks: Uint8Array[] = [];
  for (const [name, { shape, values }] of tensors) {
    const dtype = Object.entries(KINDS).find(([, kind]) => values instanceof kind.view)![0];
    header[name] = { dtype, shape, data_offsets: [at, at + values.byteLength] };
    at += values.byteLength;
    chunks.push(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
  }
  const json = Buffer.from(JSON.stringify(header));
  const padded = Buffer.concat([json, Buffer.alloc((8 - (json.length % 8)) % 8, ' ')]);
  const prefix = Buffer.alloc(8);
  prefix.writeBigUInt64LE(BigInt(padded.length));
  writeFileSync(file, Buffer.concat([prefix, padded, ...chunks]));
}
