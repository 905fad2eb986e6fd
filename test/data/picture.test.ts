import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, describe, expect, it } from 'vitest';
import { CLIP_MEAN, CLIP_STD } from '../../src/data/normalise.js';
import { loadPicture } from '../../src/data/picture.js';
import { groupFolder } from '../golden-folder.js';

const golden = groupFolder('image-preprocessing');
const reference: {
  config: { mean: number[]; std: number[] };
  cases: { image: string; size: number; sha256_of_cropped_uint8_HWC: string }[];
} = JSON.parse(readFileSync(join(golden, 'case.json'), 'utf8'));

const folder = mkdtempSync(join(tmpdir(), 'mm1-picture-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** A picture whose left half is red and whose right half is transparent. */
async function halfRed(width: number, height: number): Promise<Buffer> {
  const red = { create: { width: width / 2, height, channels: 4, background: '#ff0000' } } as const;
  return sharp({ create: { width, height, channels: 4, background: '#00000000' } })
    .composite([{ input: await sharp(red).png().toBuffer(), left: 0, top: 0 }])
    .png()
    .toBuffer();
}

describe('loadPicture', () => {
  it.each(reference.cases)(
    'equals CLIPImageProcessor bit for bit: $image at $size px',
    async ({ image, size, ...rest }) => {
      const pixels = await loadPicture(join(golden, image), size);
      expect(pixels).toHaveLength(size * size * 3);
      expect(createHash('sha256').update(pixels).digest('hex')).toBe(rest.sha256_of_cropped_uint8_HWC);
    },
  );

  it('has the mean and deviation that CLIP normalises with', () => {
    expect(CLIP_MEAN).toEqual(reference.config.mean);
    expect(CLIP_STD).toEqual(reference.config.std);
  });

  it('puts transparent parts on white', async () => {
    const pixels = await loadPicture(await halfRed(40, 40), 40);
    expect([...pixels.subarray(0, 3)]).toEqual([255, 0, 0]);
    expect([...pixels.subarray(39 * 3, 40 * 3)]).toEqual([255, 255, 255]);
  });

  it("turns a photo as its camera's tag says", async () => {
    const turned = await sharp(await halfRed(40, 40))
      .flatten({ background: '#fff' })
      .withMetadata({ orientation: 3 });
    const pixels = await loadPicture(await turned.png().toBuffer(), 40);
    expect([...pixels.subarray(0, 3)]).toEqual([255, 255, 255]);
    expect([...pixels.subarray(39 * 3, 40 * 3)]).toEqual([255, 0, 0]);
  });

  it('names a missing, a foreign and a cut file', async () => {
    const text = join(folder, 'text.png');
    writeFileSync(text, 'no picture');
    const cut = join(folder, 'cut.jpg');
    const photo = await sharp(readFileSync(join(golden, reference.cases[0]!.image)))
      .jpeg()
      .toBuffer();
    writeFileSync(cut, photo.subarray(0, photo.length / 2));
    for (const path of [join(folder, 'missing.png'), text, cut]) {
      await expect(loadPicture(path, 56)).rejects.toMatchObject({ name: 'Mm1Error', code: 'E_IMAGE', where: path });
    }
  });

  it('refuses a picture that would not fit into memory before it decodes it', async () => {
    const bomb =
      '<svg xmlns="http://www.w3.org/2000/svg" width="30000" height="30000"><rect width="9" height="9"/></svg>';
    await expect(loadPicture(Buffer.from(bomb), 56)).rejects.toMatchObject({ code: 'E_IMAGE' });
    const thread = sharp({ create: { width: 1, height: 30_000, channels: 3, background: '#ff0000' } });
    await expect(loadPicture(await thread.png().toBuffer(), 378)).rejects.toMatchObject({
      code: 'E_IMAGE',
      message: expect.stringContaining('1 x 30000'),
    });
  });
});
