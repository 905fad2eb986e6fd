import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { drawnImage } from '../../src/data/corpora/emoji.js';
import { loadEmojiCorpus } from '../../src/data/emoji/corpus.js';
import { encodePicture, ImageWriter, openImageSet, writeImageSet } from '../../src/data/image-set.js';
import { renderImage } from '../../src/data/render.js';

const RESOLUTION = 56;
const drawings = loadEmojiCorpus().images.filter((_, index) => index % 400 === 0);
const images = drawings.map(drawnImage);
const root = mkdtempSync(join(tmpdir(), 'mm1-image-set-'));
const whole = join(root, 'whole');
const progress: [number, number][] = [];
let bytes = 0;

beforeAll(async () => {
  mkdirSync(whole);
  bytes = await writeImageSet(whole, images, RESOLUTION, (done, total) => progress.push([done, total]));
});
afterAll(() => rmSync(root, { recursive: true }));

/** A copy of the set, damaged. */
function copy(name: string, damage: (folder: string) => void): string {
  const folder = join(root, name);
  cpSync(whole, folder, { recursive: true });
  damage(folder);
  return folder;
}

/** Bytes of both files of a set. */
const sizeOf = (folder: string) =>
  readFileSync(join(folder, 'images.bin')).length + readFileSync(join(folder, 'index.json')).length;

describe('an image set', () => {
  it('gives back every picture pixel for pixel, in the order written', async () => {
    const set = await openImageSet(whole);
    expect(set.resolution).toBe(RESOLUTION);
    expect(set.ids).toEqual(images.map(({ id }) => id));
    for (const [index, drawing] of drawings.entries()) {
      expect(await set.pixels(index)).toEqual(await renderImage(drawing, RESOLUTION));
      expect(set.indexOf(drawing.id)).toBe(index);
    }
    expect(set.indexOf('noto/none')).toBe(-1);
    await expect(set.pixels(images.length)).rejects.toThrow(/no number 21/);
    await set.close();
  });

  it('decodes several at once, in the order asked for', async () => {
    const set = await openImageSet(whole);
    const indices = [5, 0, 5, 20];
    const steps: [number, number][] = [];
    const all = await set.decodeAll(indices, (done, total) => steps.push([done, total]));
    const size = RESOLUTION * RESOLUTION * 3;
    expect(all).toHaveLength(indices.length * size);
    for (const [position, index] of indices.entries()) {
      expect(Buffer.compare(all.subarray(position * size, (position + 1) * size), await set.pixels(index))).toBe(0);
    }
    expect(steps).toEqual([1, 2, 3, 4].map((done) => [done, 4]));
    await set.close();
  });

  it('tells how far it is and how large it became', () => {
    expect(images).toHaveLength(21);
    expect(progress).toEqual(images.map((_, index) => [index + 1, 21]));
    expect(bytes).toBe(sizeOf(whole));
  });

  it('is the same bytes when it is written again', async () => {
    const again = join(root, 'again');
    mkdirSync(again);
    await writeImageSet(again, images, RESOLUTION);
    for (const file of ['images.bin', 'index.json']) {
      expect(readFileSync(join(again, file)).equals(readFileSync(join(whole, file)))).toBe(true);
    }
  });

  it('names the file and the picture that is damaged, and reads the others', async () => {
    const folder = copy('flipped', (at) => {
      const file = join(at, 'images.bin');
      const content = readFileSync(file);
      const { images: index } = JSON.parse(readFileSync(join(at, 'index.json'), 'utf8'));
      content[index[3].offset + 60]! ^= 1;
      writeFileSync(file, content);
    });
    const set = await openImageSet(folder);
    const fault = { code: 'E_IMAGE', where: `${join(folder, 'images.bin')}, picture ${images[3]!.id}` };
    await expect(set.pixels(3)).rejects.toMatchObject(fault);
    await expect(set.decodeAll([2, 3, 4])).rejects.toMatchObject(fault);
    await set.pixels(4);
    await set.close();
  });

  it('notices a picture that lies in the place of another', async () => {
    const folder = copy('swapped', (at) => {
      const file = join(at, 'index.json');
      const index = JSON.parse(readFileSync(file, 'utf8'));
      [index.images[3].id, index.images[4].id] = [index.images[4].id, index.images[3].id];
      [index.images[3].crc32, index.images[4].crc32] = [index.images[4].crc32, index.images[3].crc32];
      writeFileSync(file, JSON.stringify(index));
    });
    const set = await openImageSet(folder);
    await expect(set.pixels(3)).rejects.toMatchObject({ code: 'E_IMAGE' });
    await set.close();
  });

  it('notices a file that was cut short', async () => {
    const folder = copy('cut', (at) => truncateSync(join(at, 'images.bin'), 5000));
    const set = await openImageSet(folder);
    await expect(set.pixels(20)).rejects.toMatchObject({ code: 'E_IMAGE' });
    await set.close();
  });

  it.each([
    ['no index', (at: string) => rmSync(join(at, 'index.json'))],
    ['half an index', (at: string) => truncateSync(join(at, 'index.json'), 100)],
    ['a foreign index', (at: string) => writeFileSync(join(at, 'index.json'), '{"version": 2}')],
    ['no pictures', (at: string) => rmSync(join(at, 'images.bin'))],
  ])('does not open with %s', async (name, damage) => {
    await expect(openImageSet(copy(name, damage))).rejects.toMatchObject({ name: 'Mm1Error', code: 'E_IMAGE' });
  });

  it('leaves no index behind when a drawing cannot be rendered', async () => {
    const folder = join(root, 'failed');
    mkdirSync(folder);
    const bad = { id: 'test/bad', pixels: (side: number) => renderImage({ id: 'test/bad', svg: () => '<svg' }, side) };
    await expect(writeImageSet(folder, [images[0]!, bad], RESOLUTION)).rejects.toMatchObject({
      code: 'E_IMAGE',
      where: 'test/bad',
    });
    await expect(openImageSet(folder)).rejects.toMatchObject({ code: 'E_IMAGE' });
  });
});

describe('pictures that are written as they come', () => {
  it('make the set that writing them at once makes', async () => {
    const folder = join(root, 'one by one');
    mkdirSync(folder);
    const writer = await ImageWriter.open(folder, RESOLUTION);
    for (const image of images) await writer.append(image.id, await encodePicture(image, RESOLUTION));
    expect(await writer.close()).toEqual({ pictures: 21, bytes });
    for (const file of ['images.bin', 'index.json']) {
      expect(readFileSync(join(folder, file)).equals(readFileSync(join(whole, file)))).toBe(true);
    }
  });

  it('make none where their writing was given up', async () => {
    const folder = join(root, 'given up');
    mkdirSync(folder);
    const writer = await ImageWriter.open(folder, RESOLUTION);
    await writer.append(images[0]!.id, await encodePicture(images[0]!, RESOLUTION));
    await writer.abandon();
    await expect(openImageSet(folder)).rejects.toMatchObject({ code: 'E_IMAGE' });
  });

  it('none at all is a set too: a corpus of documents without a picture', async () => {
    const folder = join(root, 'empty');
    mkdirSync(folder);
    const writer = await ImageWriter.open(folder, RESOLUTION);
    expect(await writer.close()).toEqual({ pictures: 0, bytes: sizeOf(folder) });
    const set = await openImageSet(folder);
    expect([set.ids, set.resolution]).toEqual([[], RESOLUTION]);
    await set.close();
  });
});
