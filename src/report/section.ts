import { type Column, columnTable, labelledLines, widthOf, wrap } from './layout.js';

/** A table, whichever form it takes. Cells may hold line breaks. */
export interface Table {
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly string[])[];
}

/** A part of a report. */
export interface Section {
  readonly title: string;
  /** What a reader must know before the numbers. */
  readonly marks?: readonly string[];
  /** Between the title and the table. */
  readonly notes?: readonly string[];
  readonly tables?: readonly Table[];
  /** In place of the first table where that is too wide. */
  readonly narrow?: Table;
  /** Names with their texts. */
  readonly list?: readonly (readonly [label: string, text: string])[];
  /** Below the table. */
  readonly after?: readonly string[];
}

export interface TextOptions {
  /** Columns of the terminal. */
  readonly width: number;
  /** Sets a heading off from the text. */
  readonly heading: (text: string) => string;
}

/** A section as a person reads it in a terminal. */
export function sectionText(section: Section, { width, heading }: TextOptions): string {
  const { notes = [], tables = [], narrow, list, after = [] } = section;
  const drawn = tables.map(({ columns, rows }) => columnTable(columns, rows));
  if (narrow && drawn[0] !== undefined) {
    const other = columnTable(narrow.columns, narrow.rows);
    if (widthOf(drawn[0]) > width && widthOf(other) < widthOf(drawn[0])) drawn[0] = other;
  }
  return [
    titleText(section, width).map(heading).join('\n'),
    ...notes.flatMap((note) => wrap(note, width)),
    ...drawn,
    ...(list ? [labelledLines(list, width)] : []),
    ...after.flatMap((note) => wrap(note, width)),
  ].join('\n');
}

/** A title with its marks; each on a line of its own where one has no room for all. */
function titleText({ title, marks = [] }: Section, width: number): string[] {
  const whole = marks.length === 0 ? title : `${title} (${marks.join('; ')})`;
  return whole.length <= width ? [whole] : [...wrap(title, width), ...marks];
}
