import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import sharp from 'sharp';
import { pack } from 'tar-stream';
import { afterAll } from 'vitest';
import { openSource, sourceSchema } from '../../../src/data/sources/index.js';
import type { SourceDocument, Tally } from '../../../src/data/sources/source.js';

/** A folder that is there while one file's tests run. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'mm1-sources-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  return folder;
}

export function write(folder: string, name: string, content: string | Buffer): void {
  mkdirSync(dirname(join(folder, name)), { recursive: true });
  writeFileSync(join(folder, name), content);
}

/** A small picture of one colour. */
export function picture(colour: string, form: 'png' | 'jpeg' | 'webp' = 'png'): Promise<Buffer> {
  return sharp({ create: { width: 8, height: 6, channels: 3, background: colour } })
    .toFormat(form, { lossless: true })
    .toBuffer();
}

/** A JPEG whose header claims other sides than it has. */
export async function claiming(width: number, height: number): Promise<Buffer> {
  const jpeg = await picture('#336699', 'jpeg');
  const frame = jpeg.indexOf(Buffer.from([0xff, 0xc0]));
  jpeg.writeUInt16BE(height, frame + 5);
  jpeg.writeUInt16BE(width, frame + 7);
  return jpeg;
}

/** A JPEG with a whole header and half of its pixels. */
export async function cutPicture(): Promise<Buffer> {
  const raw = Uint8Array.from({ length: 64 * 64 * 3 }, (_, i) => (i * 7919) % 251);
  const jpeg = await sharp(raw, { raw: { width: 64, height: 64, channels: 3 } })
    .jpeg()
    .toBuffer();
  return jpeg.subarray(0, jpeg.length / 2);
}

/** A tar file: contents by name, or a header for an entry of another type. */
export async function tar(
  entries: readonly [string, Buffer | string | { type: 'symlink' | 'link' }][],
): Promise<Buffer> {
  const archive = pack();
  for (const [name, content] of entries) {
    if (typeof content === 'string' || Buffer.isBuffer(content)) archive.entry({ name }, content);
    else archive.entry({ name, type: content.type, linkname: '/etc/hostname' });
  }
  archive.finalize();
  const parts: Uint8Array[] = [];
  for await (const part of archive) parts.push(part as Uint8Array);
  return Buffer.concat(parts);
}

/** Everything that a source as a grid writes it gives, and what it left out; the fault that ended the walk, if one did. */
export async function walk(
  spec: unknown,
  folder: string,
): Promise<{ documents: SourceDocument[]; tally: Tally; fault: unknown }> {
  const source = await openSource(sourceSchema.parse(spec), folder);
  const documents: SourceDocument[] = [];
  let fault: unknown;
  try {
    for await (const document of source.documents()) documents.push(document);
  } catch (error) {
    fault = error;
  }
  return { documents, tally: source.tally(), fault };
}

/** A document's picture as one colour, and nothing of its functions. */
export async function colourOf(document: SourceDocument | undefined): Promise<string> {
  if (!document || !('image' in document)) throw new Error('no picture');
  const pixels = await document.image.pixels(4);
  return `#${Buffer.from(pixels.subarray(0, 3)).toString('hex')}`;
}
