import Table from 'cli-table3';

/** Between two columns. */
const GAP = '  ';
const RULE = '─';

const NO_BORDERS = Object.fromEntries(
  ['top', 'bottom', 'left', 'right', 'mid']
    .flatMap((side) => [side, `${side}-left`, `${side}-mid`, `${side}-right`])
    .map((name) => [name, '']),
);

export interface Column {
  /** May hold line breaks. */
  readonly title: string;
  readonly align?: 'left' | 'right';
}

/** A table with a rule under its titles, each line without blanks at its end. */
export function columnTable(columns: readonly Column[], rows: readonly (readonly string[])[]): string {
  const table = new Table({
    head: columns.map(({ title }) => title),
    colAligns: columns.map(({ align }) => align ?? 'left'),
    chars: { ...NO_BORDERS, middle: GAP, mid: RULE, 'mid-mid': RULE.repeat(GAP.length) },
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0, compact: true },
  });
  for (const row of rows) table.push([...row]);
  return table.toString().replace(/ +$/gm, '');
}

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
