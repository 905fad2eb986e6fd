import { createReadStream } from 'node:fs';
import { posix } from 'node:path';
import { pipeline, type Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { type ExtractEvents, extract } from 'tar-stream';
import { Mm1Error } from '../../errors.js';
import { messageOf } from '../render.js';
import { Gathered } from './bytes.js';
import { checkPath, type DataFile } from './files.js';
import { LeftOut, orLeftOut } from './left-out.js';

type Entry = ExtractEvents['entry'][1];

/** Files of a tar that stand together under one name. */
export interface Sample {
  /** The shard and that name. */
  readonly id: string;
  /** Contents, by what follows the name's first point, in small letters. */
  readonly parts: ReadonlyMap<string, Buffer>;
}

/**
 * The samples of a tar file, gzipped where its name ends in gz, one after another. Nothing is ever written to a disk;
 * still an entry that could harm another program (a path outside its folder, a link, a device) is left out.
 * @param wanted name ends that belong to a sample; other files are passed over
 * @throws Mm1Error E_DATA where the file is no tar, or ends too early
 */
export async function* tarSamples(shard: DataFile, wanted: readonly string[]): AsyncGenerator<Sample | LeftOut> {
  const file = createReadStream(shard.path, { highWaterMark: 2 ** 18 });
  try {
    yield* samples(entries(file, /\.t?gz$/i.test(shard.path)), shard.name, wanted);
  } catch (cause) {
    throw new Mm1Error(`A shard is no tar file, or a damaged one: ${messageOf(cause)}`, {
      code: 'E_DATA',
      where: shard.path,
      remedy: 'Fetch the shard again, or leave it out of the pattern.',
      cause,
    });
  } finally {
    file.destroy();
  }
}

async function* samples(
  all: AsyncIterable<Entry>,
  shard: string,
  wanted: readonly string[],
): AsyncGenerator<Sample | LeftOut> {
  let sample: { readonly key: string; readonly parts: Map<string, Buffer> } | null = null;
  for await (const entry of all) {
    const folder = entry.header.type === 'directory';
    const fault = folder ? undefined : faultOf(entry);
    const { key, end } = split(entry.header.name);
    if (fault || folder || !wanted.includes(end)) {
      entry.resume();
      if (fault) yield fault;
      continue;
    }
    if (sample && sample.key !== key) {
      yield { id: `${shard}/${sample.key}`, parts: sample.parts };
      sample = null;
    }
    sample ??= { key, parts: new Map() };
    sample.parts.set(end, await contents(entry));
  }
  if (sample) yield { id: `${shard}/${sample.key}`, parts: sample.parts };
}

async function* entries(file: Readable, zipped: boolean): AsyncGenerator<Entry> {
  const unpacked = extract();
  const ended = () => {}; // whoever reads the entries meets every fault there
  if (zipped) pipeline(file, createGunzip(), unpacked, ended);
  else pipeline(file, unpacked, ended);
  yield* unpacked;
}

function faultOf({ header }: Entry): LeftOut | undefined {
  const path = orLeftOut(() => checkPath(header.name));
  if (path instanceof LeftOut) return path;
  return header.type === 'file' || header.type === 'contiguous-file' ? undefined : new LeftOut('link or device');
}

/** A sample's name ends at the first point of the file's own name; hidden files belong to none. */
function split(path: string): { key: string; end: string } {
  const { dir, base } = posix.parse(path);
  const point = base.indexOf('.');
  if (point <= 0) return { key: path, end: '' };
  return { key: posix.join(dir, base.slice(0, point)), end: base.slice(point + 1).toLowerCase() };
}

async function contents(entry: Entry): Promise<Buffer> {
  const all = new Gathered();
  for await (const chunk of entry as unknown as AsyncIterable<Uint8Array>) all.add(chunk);
  return all.take();
}
