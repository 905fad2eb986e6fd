import { resizeBicubic } from './resample.js';
import type { SourceImage } from './sources/source.js';

/**
 * The enlarged-picture control: a picture that shows no more than it would at a smaller side. It has as many patches as a
 * larger one, and tells what detail is worth from what patches are worth.
 * @param detail in pixels; a side that is no larger, or none at all, shows the picture as it is
 */
export function atDetail(image: SourceImage, detail: number | undefined): SourceImage {
  if (detail === undefined) return image;
  return {
    id: image.id,
    async pixels(side) {
      const seen = Math.min(side, detail);
      return resizeBicubic(await image.pixels(seen), seen, seen, side, side);
    },
  };
}
