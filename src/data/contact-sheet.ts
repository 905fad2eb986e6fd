import sharp, { type OverlayOptions } from 'sharp';
import { WHITE } from './render.js';
import type { SourceImage } from './sources/source.js';

/** Pixels between two pictures. */
const GAP = 8;

/**
 * Pictures in rows, left to right, on white.
 * @param side of each picture, in pixels
 * @param columns pictures in a row
 * @returns PNG
 * @throws Mm1Error E_IMAGE where one cannot be decoded
 */
export async function contactSheet(images: readonly SourceImage[], side: number, columns: number): Promise<Buffer> {
  const across = Math.min(columns, images.length);
  const down = Math.ceil(images.length / columns);
  const step = side + GAP;
  const pictures: OverlayOptions[] = [];
  for (const [i, image] of images.entries()) {
    const input = Buffer.from(await image.pixels(side)); // [side, side, 3]
    const [left, top] = [(i % columns) * step, Math.floor(i / columns) * step];
    pictures.push({ input, raw: { width: side, height: side, channels: 3 }, left, top });
  }
  return sharp({ create: { width: across * step - GAP, height: down * step - GAP, channels: 3, background: WHITE } })
    .composite(pictures)
    .png()
    .toBuffer();
}
