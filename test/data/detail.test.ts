import { describe, expect, it } from 'vitest';
import { drawnImage } from '../../src/data/corpora/emoji.js';
import { atDetail } from '../../src/data/detail.js';
import { loadEmojiCorpus } from '../../src/data/emoji/corpus.js';
import { resizeBicubic } from '../../src/data/resample.js';

const image = drawnImage(loadEmojiCorpus({ concepts: 1 }).images[0]!);

describe('the enlarged-picture control', () => {
  it('a picture at 336 px with the detail of 224 is the one of 224 px, enlarged', async () => {
    const small = await image.pixels(224);
    const shown = await atDetail(image, 224).pixels(336);
    expect(Buffer.compare(shown, resizeBicubic(small, 224, 224, 336, 336))).toBe(0);
    expect(Buffer.compare(shown, await image.pixels(336))).not.toBe(0);
  });

  it.each([56, 40])('a side of 40 px that is no larger than the detail of %i shows it as it is', async (detail) => {
    expect(Buffer.compare(await atDetail(image, detail).pixels(40), await image.pixels(40))).toBe(0);
  });

  it('it is the same picture by its name', () => expect(atDetail(image, 28).id).toBe(image.id));
});
