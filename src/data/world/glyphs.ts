/** Rows and columns of a glyph. */
export const GLYPH_ROWS = 7;
export const GLYPH_COLUMNS = 5;

/** Characters of strings: letters and digits that cannot be taken for one another (no O and 0, no I and 1, no S and 5). */
export const ALPHABET = 'ACEFHJKLMNPRTUVXY34679';

/** A font of its own, so that the same picture comes out wherever it is drawn: seven rows of five bits, the left one highest. */
const FONT: Readonly<Record<string, readonly number[]>> = {
  '0': [14, 17, 17, 17, 17, 17, 14],
  '1': [4, 12, 4, 4, 4, 4, 14],
  '2': [14, 17, 1, 2, 4, 8, 31],
  '3': [30, 1, 1, 14, 1, 1, 30],
  '4': [2, 6, 10, 18, 31, 2, 2],
  '5': [31, 16, 30, 1, 1, 17, 14],
  '6': [6, 8, 16, 30, 17, 17, 14],
  '7': [31, 1, 2, 4, 4, 8, 8],
  '8': [14, 17, 17, 14, 17, 17, 14],
  '9': [14, 17, 17, 15, 1, 2, 12],
  A: [14, 17, 17, 31, 17, 17, 17],
  C: [14, 17, 16, 16, 16, 17, 14],
  E: [31, 16, 16, 30, 16, 16, 31],
  F: [31, 16, 16, 30, 16, 16, 16],
  H: [17, 17, 17, 31, 17, 17, 17],
  J: [7, 2, 2, 2, 2, 18, 12],
  K: [17, 18, 20, 24, 20, 18, 17],
  L: [16, 16, 16, 16, 16, 16, 31],
  M: [17, 27, 21, 21, 17, 17, 17],
  N: [17, 25, 25, 21, 19, 19, 17],
  P: [30, 17, 17, 30, 16, 16, 16],
  R: [30, 17, 17, 30, 20, 18, 17],
  T: [31, 4, 4, 4, 4, 4, 4],
  U: [17, 17, 17, 17, 17, 17, 14],
  V: [17, 17, 17, 17, 10, 10, 4],
  X: [17, 17, 10, 4, 10, 17, 17],
  Y: [17, 17, 10, 10, 4, 4, 4],
};

/** Width of a text in units of a glyph's row height: a column of space stands between glyphs. */
export function textColumns(text: string): number {
  return text.length * (GLYPH_COLUMNS + 1) - 1;
}

/**
 * A text as bars of ink.
 * @param unit height of a row in pixels
 * @returns corners of rectangles, each as x, y, x, y, ...
 */
export function textContours(text: string, left: number, top: number, unit: number): number[][] {
  return [...text].flatMap((character, place) => {
    const rows = FONT[character];
    if (!rows) throw new Error(`The font has no ${character}`);
    const start = left + place * (GLYPH_COLUMNS + 1) * unit;
    return rows.flatMap((bits, row) =>
      runsOf(bits).map(([from, to]) => {
        const [x0, x1, y0, y1] = [start + from * unit, start + to * unit, top + row * unit, top + (row + 1) * unit];
        return [x0, y0, x1, y0, x1, y1, x0, y1];
      }),
    );
  });
}

/** Runs of set bits, as first column and the one after the last. */
function runsOf(bits: number): [number, number][] {
  const runs: [number, number][] = [];
  for (let column = 0; column < GLYPH_COLUMNS; column++) {
    if (!((bits >> (GLYPH_COLUMNS - 1 - column)) & 1)) continue;
    const last = runs.at(-1);
    if (last && last[1] === column) last[1] = column + 1;
    else runs.push([column, column + 1]);
  }
  return runs;
}
