import sharp from 'sharp';
import { Mm1Error } from '../errors.js';
import { messageOf, WHITE } from './render.js';
import { resizeBicubic } from './resample.js';

/** A picture of more pixels than this is refused before it is decoded: a few kilobytes can claim gigabytes. */
export const MOST_PIXELS = 100_000_000;

/**
 * A person's own picture, any format that sharp reads, as CLIP's preprocessing leaves it: the shorter side resized to
 * the resolution (bicubic), the centre cropped, transparent parts on white, sRGB.
 * Source of the arithmetic: transformers, CLIPImageProcessor (other side and offsets rounded down).
 * @param source Path or content of the picture.
 * @param resolution Side of the square in pixels.
 * @returns RGB, [resolution, resolution, 3], 0 to 255.
 * @throws Mm1Error E_IMAGE where it is missing, no picture, damaged or of more than 100 megapixels.
 */
export async function loadPicture(source: string | Buffer, resolution: number): Promise<Uint8Array> {
  const where = typeof source === 'string' ? source : `a picture of ${source.length} bytes`;
  try {
    const { data, info } = await sharp(source, { limitInputPixels: MOST_PIXELS })
      .autoOrient()
      .flatten({ background: WHITE })
      .toColourspace('srgb')
      .raw()
      .toBuffer({ resolveWithObject: true });
    const shorter = Math.min(info.width, info.height);
    const width = Math.floor((info.width * resolution) / shorter);
    const height = Math.floor((info.height * resolution) / shorter);
    if (width * height > MOST_PIXELS) throw new Error(`${info.width} x ${info.height} pixels is too long or too high`);
    return resizeBicubic(data, info.width, info.height, width, height, {
      left: Math.floor((width - resolution) / 2),
      top: Math.floor((height - resolution) / 2),
      width: resolution,
      height: resolution,
    });
  } catch (cause) {
    throw new Mm1Error(`A picture cannot be read: ${messageOf(cause)}`, {
      code: 'E_IMAGE',
      where,
      remedy: 'Give a whole PNG, JPEG, WebP, GIF, TIFF, AVIF or SVG of at most 100 megapixels.',
      cause,
    });
  }
}
