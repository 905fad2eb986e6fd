import { stat } from 'node:fs/promises';
import sharp from 'sharp';
import { Mm1Error } from '../../errors.js';
import { loadPicture, MOST_PIXELS } from '../picture.js';
import { messageOf } from '../render.js';
import type { Account } from './account.js';
import { LARGEST } from './bytes.js';
import { LeftOut } from './left-out.js';
import type { SourceImage } from './source.js';

/**
 * A picture of somebody's data. Its header is read now; its pixels are decoded when they are asked for, and a picture
 * that turns out to be broken then is counted then, once.
 * @param id the same in every run
 * @param source path or content
 * @throws LeftOut where it is missing, no picture, or of more than 100 megapixels (before any memory is taken for them)
 */
export async function guardImage(id: string, source: string | Buffer, account: Account): Promise<SourceImage> {
  await checkLength(source);
  const header = await sharp(source, { limitInputPixels: false })
    .metadata()
    .catch(() => null);
  if (!header) throw new LeftOut('broken image');
  if (header.width * header.height > MOST_PIXELS) throw new LeftOut('image of more than 100 megapixels');
  let counted = false;
  return {
    id,
    async pixels(side) {
      try {
        return await loadPicture(source, side);
      } catch (cause) {
        if (!(cause instanceof Mm1Error)) throw cause;
        if (!counted) {
          counted = true;
          account.leaveOut('broken image');
        }
        throw new Mm1Error(messageOf(cause), { code: cause.code, where: id, remedy: cause.remedy, cause });
      }
    },
  };
}

async function checkLength(source: string | Buffer): Promise<void> {
  let length = source.length;
  if (typeof source === 'string') {
    const file = await stat(source).catch(() => null);
    if (!file?.isFile()) throw new LeftOut('missing image');
    length = file.size;
  }
  if (length > LARGEST) throw new LeftOut('larger than 64 MiB');
}
