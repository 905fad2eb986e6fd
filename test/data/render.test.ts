import { describe, expect, it } from 'vitest';
import { loadEmojiCorpus } from '../../src/data/emoji/corpus.js';
import { renderImage } from '../../src/data/render.js';

const svg = (body: string, box = '0 0 10 10') =>
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="${box}">${body}</svg>`;
const drawn = (text: string) => ({ id: 'test/picture', svg: () => text });
const pixel = (pixels: Uint8Array, side: number, x: number, y: number) => [
  ...pixels.subarray((y * side + x) * 3, (y * side + x) * 3 + 3),
];

describe('renderImage', () => {
  it('draws red, green and blue in that order, row by row, on white', async () => {
    const pixels = await renderImage(
      drawn(svg('<rect width="5" height="5" fill="#ff0000"/><rect x="5" y="5" width="5" height="5" fill="#0000ff"/>')),
      40,
    );
    expect(pixels).toHaveLength(40 * 40 * 3);
    expect(pixel(pixels, 40, 5, 5)).toEqual([255, 0, 0]);
    expect(pixel(pixels, 40, 30, 30)).toEqual([0, 0, 255]);
    expect(pixel(pixels, 40, 30, 5)).toEqual([255, 255, 255]);
  });

  it('draws at the final size: edges are sharp', async () => {
    const pixels = await renderImage(drawn(svg('<rect width="5" height="10" fill="#000"/>')), 378);
    expect(pixel(pixels, 378, 188, 200)).toEqual([0, 0, 0]);
    expect(new Set(pixels)).toEqual(new Set([0, 255])); // black and white, and nothing between
  });

  it('cuts margins off: a drawing is the same wherever it lies on its sheet, and however small', async () => {
    const shape = (x: number, y: number, size: number) =>
      `<path fill="#123456" d="M${x} ${y}h${size}v${size / 2}h${-size / 2}v${size / 2}h${-size / 2}z"/>`;
    const whole = await renderImage(drawn(svg(shape(0, 0, 16), '0 0 16 16')), 56);
    const small = await renderImage(drawn(svg(shape(2, 6, 8), '0 0 16 16')), 56);
    expect(small).toEqual(whole);
  });

  it('fits a wide drawing whole and centred', async () => {
    const pixels = await renderImage(drawn(svg('<rect width="20" height="10" fill="#00ff00"/>', '0 0 20 10')), 40);
    expect(pixel(pixels, 40, 0, 9)).toEqual([255, 255, 255]);
    expect(pixel(pixels, 40, 0, 10)).toEqual([0, 255, 0]);
    expect(pixel(pixels, 40, 39, 29)).toEqual([0, 255, 0]);
    expect(pixel(pixels, 40, 39, 30)).toEqual([255, 255, 255]);
  });

  it.each([
    ['damaged', '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 10 10"><path', /cannot be drawn/],
    ['empty', '', /cannot be drawn/],
    ['blank', svg('<rect width="5" height="5" fill="#ffffff"/>'), /nothing but white/],
  ])('names a %s drawing', async (_, text, message) => {
    await expect(renderImage(drawn(text), 40)).rejects.toMatchObject({
      name: 'Mm1Error',
      code: 'E_IMAGE',
      where: 'test/picture',
      message: expect.stringMatching(message),
    });
  });

  it('renders the same pixels again', async () => {
    const image = loadEmojiCorpus().images[100]!;
    expect(await renderImage(image, 56)).toEqual(await renderImage(image, 56));
  });
});
