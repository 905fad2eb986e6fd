/** Pictures at one size. */
export interface Level {
  /** RGB, [n, side, side, 3] */
  readonly pixels: Uint8Array;
  readonly side: number;
}

/**
 * The same pictures at their own size, at a half, a quarter and so on, each pixel the mean of the four that it stands for.
 * Whoever shows a picture small reads the level of about that size: to pick pixels out of a larger one loses thin lines.
 * @param pixels RGB, [n, side, side, 3]
 * @returns `levels` levels, the largest first; pixel (y, x) of the first is in pixel (y >> i, x >> i) of level i
 */
export function pyramid(pixels: Uint8Array, side: number, levels: number): Level[] {
  const all: Level[] = [{ pixels, side }];
  while (all.length < levels) all.push(halve(all[all.length - 1]!));
  return all;
}

function halve({ pixels, side }: Level): Level {
  const count = pixels.length / (side * side * 3);
  const half = Math.ceil(side / 2);
  const result = new Uint8Array(count * half * half * 3); // [n, half, half, 3]
  let at = 0;
  for (let picture = 0; picture < count; picture++) {
    const start = picture * side * side * 3;
    for (let row = 0; row < half; row++) {
      const upper = start + 2 * row * side * 3;
      const lower = start + Math.min(2 * row + 1, side - 1) * side * 3; // an odd side's last line stands for itself
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
  }
  return { pixels: result, side: half };
}
