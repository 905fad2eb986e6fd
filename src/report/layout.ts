import stringWidth from 'string-width';

/** Between two columns. */
const GAP = '  ';
const RULE = '─';

export interface Column {
  /** May hold line breaks. */
  readonly title: string;
  readonly align?: 'left' | 'right';
}

/** A table with a rule under its titles, each line without blanks at its end. Cells may hold line breaks and wide characters. */
export function columnTable(columns: readonly Column[], rows: readonly (readonly string[])[]): string {
  const drawn = [columns.map(({ title }) => title), ...rows].map((row) =>
    columns.map((_, column) =>
      (row[column] ?? '').split('\n').map((text): [string, number] => [text, terminalWidth(text)]),
    ),
  );
  const widths = columns.map((_, column) =>
    Math.max(...drawn.flatMap((row) => row[column]!.map(([, width]) => width))),
  );
  const lines = drawn.flatMap((row) =>
    Array.from({ length: Math.max(...row.map(({ length }) => length)) }, (_, line) =>
      row.map((cell, column) => {
        const [text, width] = cell[line] ?? ['', 0];
        const blanks = ' '.repeat(widths[column]! - width);
        return columns[column]!.align === 'right' ? blanks + text : text + blanks;
      }),
    ).map((cells) => cells.join(GAP).trimEnd()),
  );
  const titles = Math.max(...drawn[0]!.map(({ length }) => length));
  const rule = RULE.repeat(widths.reduce((sum, width) => sum + width, 0) + GAP.length * (columns.length - 1));
  return [...lines.slice(0, titles), rule, ...lines.slice(titles)].join('\n');
}

/** Columns of a terminal that a text takes. */
const terminalWidth = (text: string): number => (/^[ -~]*$/.test(text) ? text.length : stringWidth(text));

/** Names with their texts beside them, wrapped at words to the width; a word that is too long stays whole. */
export function labelledLines(pairs: readonly (readonly [label: string, text: string])[], width: number): string {
  const indent = Math.max(...pairs.map(([label]) => label.length)) + GAP.length;
  return pairs
    .map(([label, text]) => label.padEnd(indent) + wrap(text, width - indent).join(`\n${' '.repeat(indent)}`))
    .join('\n');
}

/** Lines of at most `width` characters, broken at blanks. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(/\s+/)) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}

/** Number of columns that a text takes, which holds no wide characters. */
export function widthOf(text: string): number {
  return Math.max(...text.split('\n').map((line) => line.length));
}
