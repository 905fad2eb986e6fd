import type { Random } from '../random.js';
import type { View } from './patches.js';

/** Largest enlargement, and its inverse the largest reduction. */
const LARGEST_SCALE = 1.25;
/** Largest shift, as a share of the side. */
const LARGEST_SHIFT = 0.1;
/** Share of views without any colour. */
const GREY_SHARE = 0.25;
/** How far a channel's gain may lie from 1. */
const GAIN = 0.3;
/** How far the colours may lie from the picture's own towards grey. */
const FADE = 0.5;
/** Share of red, green and blue in brightness (ITU-R BT.601). */
const BRIGHTNESS = [0.299, 0.587, 0.114] as const;

/**
 * A random look at a picture: moved, scaled and recoloured, never mirrored, for arrows and letters have a side. It
 * stands in for the variety of billions of pictures: without it a small encoder learns its vendors' palettes by heart.
 */
export function randomView(resolution: number, stream: Random): View {
  const between = (low: number, high: number) => low + (high - low) * stream.uniform();
  const scale = LARGEST_SCALE ** between(-1, 1);
  const line = () => {
    const shift = between(-LARGEST_SHIFT, LARGEST_SHIFT) * resolution;
    const middle = (resolution - 1) / 2;
    return Int32Array.from({ length: resolution }, (_, i) => {
      const from = Math.round((i - middle) / scale + middle + shift);
      return from >= 0 && from < resolution ? from : -1;
    });
  };
  const rows = line();
  const columns = line();
  const grey = stream.uniform() < GREY_SHARE ? 1 : between(0, FADE);
  const colours = new Float32Array(9);
  for (let to = 0; to < 3; to++) {
    const gain = 1 + between(-GAIN, GAIN) * (1 - grey);
    for (let from = 0; from < 3; from++) {
      colours[to * 3 + from] = gain * (grey * BRIGHTNESS[from]! + (to === from ? 1 - grey : 0));
    }
  }
  return { rows, columns, colours };
}
