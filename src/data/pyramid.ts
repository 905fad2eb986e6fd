/** A picture at one of its sizes. */
export interface Level {
  /** RGB, [side, side, 3] */
  readonly pixels: Uint8Array;
  readonly side: number;
}

/**
 * A picture at its own size (level 0), at a half, a quarter and so on, each pixel the mean of the four that it stands for.
 * Whoever shows a picture small reads the level of about that size: to pick pixels out of a larger one loses thin lines.
 * @param pixels RGB, [side, side, 3]
 * @returns pixel (y, x) of the picture is in pixel (y >> level, x >> level)
 */
export function pyramidLevel(pixels: Uint8Array, side: number, level: number): Level {
  let at: Level = { pixels, side };
  for (let i = 0; i < level; i++) at = halve(at);
  return at;
}

function halve({ pixels, side }: Level): Level {
  const half = Math.ceil(side / 2);
  const result = new Uint8Array(half * half * 3); // [half, half, 3]
  let at = 0;
  for (let row = 0; row < half; row++) {
    const upper = 2 * row * side * 3;
    const lower = Math.min(2 * row + 1, side - 1) * side * 3; // an odd side's last line stands for itself
    for (let column = 0; column < half; column++) {
      const left = 2 * column * 3;
      const right = Math.min(2 * column + 1, side - 1) * 3;
      for (let channel = 0; channel < 3; channel++) {
        const sum =
          pixels[upper + left + channel]! +
          pixels[upper + right + channel]! +
          pixels[lower + left + channel]! +
          pixels[lower + right + channel]!;
        result[at++] = (sum + 2) >> 2;
      }
    }
  }
  return { pixels: result, side: half };
}
