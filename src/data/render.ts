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

/** Most that a small drawing on a large sheet is enlarged. */
const LARGEST_SCALE = 4;

/**
 * A drawing in pixels: what is drawn fills the square, centred, on white. Vendors leave margins of their own, which say
 * nothing of the concept, so margins are cut off.
 * An SVG is drawn at its final size (sharp asks librsvg for that scale), so no edge is ever enlarged.
 * @param resolution Side of the square in pixels.
 * @returns RGB, [resolution, resolution, 3], 0 to 255.
 * @throws Mm1Error E_IMAGE where the drawing cannot be read or shows nothing.
 */
export async function renderImage(image: Drawn, resolution: number): Promise<Uint8Array> {
  try {
    const svg = image.svg();
    const source = typeof svg === 'string' ? Buffer.from(svg) : svg;
    const sheet = await drawSheet(source, resolution);
    const drawn = boundsOf(sheet, resolution);
    if (!drawn) throw blank(image.id);
    const scale = Math.min(LARGEST_SCALE, resolution / Math.max(drawn.width, drawn.height));
    const side = Math.round(resolution * scale);
    const large = side === resolution ? sheet : await drawSheet(source, side);
    const bounds = boundsOf(large, side);
    if (!bounds) throw blank(image.id);
    return await sharp(large, { raw: { width: side, height: side, channels: 3 } })
      .extract(bounds)
      .resize(resolution, resolution, { fit: 'contain', background: WHITE })
      .raw()
      .toBuffer(); // [resolution, resolution, 3]
  } catch (cause) {
    if (cause instanceof Mm1Error) throw cause;
    throw new Mm1Error(`A picture cannot be drawn: ${messageOf(cause)}`, {
      code: 'E_IMAGE',
      where: image.id,
      remedy: 'Install the dependencies again with `npm ci`: the drawing is damaged.',
      cause,
    });
  }
}

/** The whole sheet of a drawing, margins and all: RGB, [side, side, 3]. */
function drawSheet(source: Buffer, side: number): Promise<Uint8Array> {
  return sharp(source)
    .resize(side, side, { fit: 'contain', background: WHITE })
    .flatten({ background: WHITE })
    .toColourspace('srgb')
    .raw()
    .toBuffer();
}

interface Bounds {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** The smallest box with everything in it that is not white; null where all is. */
function boundsOf(pixels: Uint8Array, side: number): Bounds | null {
  let [left, right, top, bottom] = [side, -1, side, -1];
  for (let y = 0, at = 0; y < side; y++) {
    for (let x = 0; x < side; x++, at += 3) {
      if (pixels[at] === 255 && pixels[at + 1] === 255 && pixels[at + 2] === 255) continue;
      if (x < left) left = x;
      if (x > right) right = x;
      if (y < top) top = y;
      bottom = y;
    }
  }
  return right < 0 ? null : { left, top, width: right - left + 1, height: bottom - top + 1 };
}

function blank(id: string): Mm1Error {
  return new Mm1Error('A picture shows nothing but white', {
    code: 'E_IMAGE',
    where: id,
    remedy: 'Leave the picture out of the corpus (src/data/emoji/exclusions.ts).',
  });
}

/** First line of what a library says is wrong. */
export function messageOf(cause: unknown): string {
  const text = cause instanceof Error ? cause.message : String(cause);
  return text.split('\n', 1)[0] ?? text;
}
