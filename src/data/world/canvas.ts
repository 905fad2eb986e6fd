export type Rgb = readonly [number, number, number];

/** A square picture that is drawn on. */
export interface Canvas {
  readonly side: number;
  /** RGB, [side, side, 3] */
  readonly pixels: Uint8ClampedArray;
}

/** Lines that each row of pixels is sampled at; across, coverage is exact. */
const LINES = 3;

/**
 * Fills polygons, edges smoothed. Where contours overlap, what an even number of them covers stays as it was: a contour
 * within another is a hole.
 * @param contours corners in pixels, each contour as x, y, x, y, ...
 */
export function fill(canvas: Canvas, contours: readonly (readonly number[])[], colour: Rgb): void {
  const { side, pixels } = canvas;
  const edges = contours.flatMap(edgesOf);
  const top = Math.max(0, Math.floor(Math.min(...edges.map((edge) => edge.top))));
  const bottom = Math.min(side, Math.ceil(Math.max(...edges.map((edge) => edge.bottom))));
  const cover = new Float32Array(side); // [side]
  for (let y = top; y < bottom; y++) {
    cover.fill(0);
    let [first, last] = [side, 0];
    for (let line = 0; line < LINES; line++) {
      const height = y + (line + 0.5) / LINES;
      const crossings: number[] = [];
      for (const { top, bottom, x, slope } of edges) {
        if (height >= top && height < bottom) crossings.push(x + (height - top) * slope);
      }
      crossings.sort((a, b) => a - b);
      for (let i = 0; i + 1 < crossings.length; i += 2) {
        const from = Math.max(0, crossings[i]!);
        const to = Math.min(side, crossings[i + 1]!);
        first = Math.min(first, Math.floor(from));
        last = Math.max(last, Math.ceil(to));
        for (let x = Math.floor(from); x < to; x++) cover[x]! += (Math.min(to, x + 1) - Math.max(from, x)) / LINES;
      }
    }
    for (let x = first, at = (y * side + first) * 3; x < last; x++, at += 3) {
      const share = cover[x]!;
      for (let channel = 0; channel < 3; channel++) {
        pixels[at + channel]! += share * (colour[channel]! - pixels[at + channel]!);
      }
    }
  }
}

interface Edge {
  readonly top: number;
  readonly bottom: number;
  /** Where the edge is at its top. */
  readonly x: number;
  /** Pixels to the right for each one down. */
  readonly slope: number;
}

function edgesOf(contour: readonly number[]): Edge[] {
  const edges: Edge[] = [];
  for (let i = 0; i < contour.length; i += 2) {
    const next = (i + 2) % contour.length;
    const [a, b] = [i, next].sort((i, j) => contour[i + 1]! - contour[j + 1]!) as [number, number];
    const [top, bottom] = [contour[a + 1]!, contour[b + 1]!];
    if (top < bottom) edges.push({ top, bottom, x: contour[a]!, slope: (contour[b]! - contour[a]!) / (bottom - top) });
  }
  return edges;
}
