import { readSync } from 'node:fs';
import { type FileHandle, open, readFile, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import pMap, { pMapIterable } from 'p-map';
import sharp from 'sharp';
import { z } from 'zod';
import { Mm1Error } from '../errors.js';
import { messageOf } from './render.js';
import type { SourceImage } from './sources/source.js';

/**
 * An image set is a folder of two files: `images.bin`, the pictures as PNG (lossless; measured at 336 px: 11 KiB each, decoded
 * twice as fast as lossless WebP) one after another, and `index.json`, which says where each one lies.
 */
const PICTURES = 'images.bin';
const INDEX = 'index.json';

const indexSchema = z.object({
  version: z.literal(1),
  /** Side of each picture in pixels. */
  resolution: z.int().positive(),
  images: z.array(
    z.object({
      id: z.string(),
      /** First byte in images.bin. */
      offset: z.int().nonnegative(),
      bytes: z.int().positive(),
      crc32: z.int().nonnegative(),
    }),
  ),
});
type Index = z.infer<typeof indexSchema>;

/** Called after each picture, or each few. */
export type OnProgress = (done: number, total: number) => void;

/** Pictures at work at once: sharp works on each in one thread of Node's pool. */
export const CONCURRENCY = 2 * availableParallelism();

/**
 * Packs pictures into a folder that exists, as they come. The index is written last, so a set whose writing was interrupted
 * does not open.
 */
export class ImageWriter {
  readonly #folder: string;
  readonly #file: FileHandle;
  readonly #index: Index;
  #bytes = 0;

  private constructor(folder: string, file: FileHandle, resolution: number) {
    this.#folder = folder;
    this.#file = file;
    this.#index = { version: 1, resolution, images: [] };
  }

  /** @param resolution side of every picture in pixels */
  static async open(folder: string, resolution: number): Promise<ImageWriter> {
    return new ImageWriter(folder, await open(join(folder, PICTURES), 'w'), resolution);
  }

  /** @param png what {@link encodePicture} gave */
  async append(id: string, png: Buffer): Promise<void> {
    await this.#file.writeFile(png);
    this.#index.images.push({ id, offset: this.#bytes, bytes: png.length, crc32: crc32(png) });
    this.#bytes += png.length;
  }

  /** @returns pictures and bytes written */
  async close(): Promise<{ pictures: number; bytes: number }> {
    await this.#file.close();
    const text = JSON.stringify(this.#index);
    await writeFile(join(this.#folder, INDEX), text);
    return { pictures: this.#index.images.length, bytes: this.#bytes + Buffer.byteLength(text) };
  }

  /** Leaves a set that does not open. */
  abandon(): Promise<void> {
    return this.#file.close();
  }
}

/** A picture at a side in pixels as an image set keeps it. Throws as `image.pixels` does. */
export async function encodePicture(image: SourceImage, side: number): Promise<Buffer> {
  const raw = { width: side, height: side, channels: 3 } as const;
  return sharp(await image.pixels(side), { raw })
    .png({ compressionLevel: 6 })
    .toBuffer();
}

/**
 * Packs all of some pictures into a folder that exists. The same pictures give the same bytes.
 * @param resolution Side of the square in pixels.
 * @returns Bytes written.
 * @throws Mm1Error E_IMAGE naming a picture that cannot be read or shows nothing.
 */
export async function writeImageSet(
  folder: string,
  images: readonly SourceImage[],
  resolution: number,
  onProgress?: OnProgress,
): Promise<number> {
  const writer = await ImageWriter.open(folder, resolution);
  const encoded = pMapIterable(
    images,
    async (image) => ({ id: image.id, png: await encodePicture(image, resolution) }),
    {
      concurrency: CONCURRENCY,
    },
  );
  let done = 0;
  try {
    for await (const { id, png } of encoded) {
      await writer.append(id, png);
      onProgress?.(++done, images.length);
    }
  } catch (error) {
    await writer.abandon();
    throw error;
  }
  return (await writer.close()).bytes;
}

/** Pictures of one size on disk. */
export interface ImageSet {
  /** Pictures' ids, in the order in which they were written. */
  readonly ids: readonly string[];
  /** Side of each picture in pixels. */
  readonly resolution: number;
  /** Position of a picture, or -1. */
  indexOf(id: string): number;
  /** One picture: RGB, [resolution, resolution, 3]. Throws Mm1Error E_IMAGE where it is damaged. */
  pixels(index: number): Promise<Uint8Array>;
  /** Several pictures in the order given: RGB, [n, resolution, resolution, 3]. Throws as `pixels` does. */
  decodeAll(indices: readonly number[], onProgress?: OnProgress): Promise<Uint8Array>;
  /** Closes the file; the set cannot be read after it. */
  close(): Promise<void>;
}

/**
 * Opens what {@link writeImageSet} wrote. Pictures are read and checked one by one as they are asked for.
 * @throws Mm1Error E_IMAGE where the folder holds no whole image set.
 */
export async function openImageSet(folder: string): Promise<ImageSet> {
  const path = join(folder, PICTURES);
  const { resolution, images } = await readIndex(join(folder, INDEX));
  const file = await open(path, 'r').catch((cause: unknown) => {
    throw damaged('An image set has lost its pictures', path, cause);
  });
  const positions = new Map(images.map(({ id }, index) => [id, index]));

  async function pixels(index: number): Promise<Uint8Array> {
    const entry = images[index];
    if (!entry) throw new Error(`the image set has ${images.length} pictures, and no number ${index}`);
    const where = `${path}, picture ${entry.id}`;
    const png = Buffer.alloc(entry.bytes);
    // Read at once, so that sharp's threads decode while the caller's own step blocks the loop.
    const bytesRead = readSync(file.fd, png, 0, entry.bytes, entry.offset);
    if (bytesRead !== entry.bytes || crc32(png) !== entry.crc32) {
      throw damaged('A picture of an image set is damaged', where);
    }
    try {
      return await sharp(png).raw().toBuffer();
    } catch (cause) {
      throw damaged(`A picture of an image set cannot be decoded: ${messageOf(cause)}`, where, cause);
    }
  }

  return {
    ids: images.map(({ id }) => id),
    resolution,
    indexOf: (id) => positions.get(id) ?? -1,
    pixels,
    decodeAll: async (indices, onProgress) => {
      const size = resolution * resolution * 3;
      const all = new Uint8Array(indices.length * size); // [n, resolution, resolution, 3]
      let done = 0;
      await pMap(
        indices,
        async (index, position) => {
          all.set(await pixels(index), position * size);
          done += 1;
          onProgress?.(done, indices.length);
        },
        { concurrency: CONCURRENCY },
      );
      return all;
    },
    close: () => file.close(),
  };
}

async function readIndex(path: string): Promise<Index> {
  try {
    return indexSchema.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch (cause) {
    throw damaged('An image set has no readable index', path, cause);
  }
}

function damaged(message: string, where: string, cause?: unknown): Mm1Error {
  return new Mm1Error(message, {
    code: 'E_IMAGE',
    where,
    remedy: 'Remove the folder: the pictures are rendered again at the next run.',
    cause,
  });
}
