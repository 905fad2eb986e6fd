import sharp from 'sharp';
import { Mm1Error } from '../errors.js';

/** A drawing with a name. */
export interface Drawn {
  readonly id: string;
  /** SVG text, or the bytes of any picture. */
  readonly svg: () => string | Buffer;
}

/** A background for pictures with transparent parts. */
export const WHITE = '#ffffff';

/**
 * A drawing in pixels: whole, centred, on white.
 * An SVG is drawn at its final size (sharp asks librsvg for that scale), so no edge is ever enlarged.
 * @param resolution Side of the square in pixels.
 * @returns RGB, [resolution, resolution, 3], 0 to 255.
 * @throws Mm1Error E_IMAGE where the drawing cannot be read or shows nothing.
 */
export async function renderImage(image: Drawn, resolution: number): Promise<Uint8Array> {
  const source = image.svg();
  let pixels: Uint8Array;
  try {
    pixels = await sharp(typeof source === 'string' ? Buffer.from(source) : source)
      .resize(resolution, resolution, { fit: 'contain', background: WHITE })
      .flatten({ background: WHITE })
      .toColourspace('srgb')
      .raw()
      .toBuffer();
  } catch (cause) {
    throw new Mm1Error(`A picture cannot be drawn: ${messageOf(cause)}`, {
      code: 'E_IMAGE',
      where: image.id,
      remedy: 'Install the dependencies again with `npm ci`: the drawing is damaged.',
      cause,
    });
  }
  if (isBlank(pixels)) {
    throw new Mm1Error('A picture shows nothing but white', {
      code: 'E_IMAGE',
      where: image.id,
      remedy: 'Leave the picture out of the corpus (src/data/emoji/exclusions.ts).',
    });
  }
  return pixels; // [resolution, resolution, 3]
}

/** True where every pixel is white. */
function isBlank(pixels: Uint8Array): boolean {
  return pixels.every((value) => value === 255);
}

/** First line of what a library says is wrong. */
export function messageOf(cause: unknown): string {
  const text = cause instanceof Error ? cause.message : String(cause);
  return text.split('\n', 1)[0] ?? text;
}
