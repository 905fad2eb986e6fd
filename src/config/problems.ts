import { Mm1Error } from '../errors.js';

/** A piece of the grid file: lines and columns count from 1, columns in UTF-16 units as editors do. */
export interface Place {
  readonly line: number;
  readonly column: number;
  /** Number of characters that the caret underlines, at least 1. */
  readonly length: number;
  /** The file that it is a place of, where that is another one than the grid's own. */
  readonly source?: Source;
}

/** A file that the grid is made of. */
export interface Source {
  readonly file: string;
  readonly text: string;
}

/** Where a problem lies: in the file, or in an option of the command line. */
export type Where = Place | { readonly option: string };

/** More problems than this are counted and not shown. */
const MOST_SHOWN = 100;
/** A line longer than this is shown in part. */
const WIDEST = 110;

/** Gathers everything that is wrong with a grid, so that a person mends it in one go. */
export class Problems {
  readonly #file: string;
  readonly #text: string;
  readonly #found = new Map<string, { where: Where; message: string }>();

  constructor(file: string, text: string) {
    this.#file = file;
    this.#text = text;
  }

  get count(): number {
    return this.#found.size;
  }

  /** The same problem at the same place counts once, however many variants share it. */
  add(where: Where, message: string): void {
    this.#found.set(`${this.#label(where)} ${message}`, { where, message });
  }

  /** All problems in the order of the file, as one Mm1Error E_GRID. */
  error(): Mm1Error {
    const sorted = [...this.#found.values()].sort((a, b) => order(a.where) - order(b.where));
    const blocks = sorted.slice(0, MOST_SHOWN).map(({ where, message }) => {
      const head = `${this.#label(where)}: ${message}`;
      return 'line' in where ? `${head}\n${this.#excerpt(where)}` : head;
    });
    if (sorted.length > MOST_SHOWN) blocks.push(`... and ${sorted.length - MOST_SHOWN} more`);
    const total = this.count === 1 ? '1 problem' : `${this.count} problems`;
    return new Mm1Error(`${total} in ${this.#file}\n\n${blocks.join('\n\n')}\n`, {
      code: 'E_GRID',
      remedy: 'Nothing was started: mend the grid and run the same command again.',
    });
  }

  #label(where: Where): string {
    return 'line' in where ? `${where.source?.file ?? this.#file}:${where.line}:${where.column}` : where.option;
  }

  /** The line itself with carets under the fault. */
  #excerpt({ line, column, length, source }: Place): string {
    const whole = (source?.text ?? this.#text).split(/\r\n|\n|\r/)[line - 1] ?? '';
    // A long line is cut to a window around the fault.
    const start = whole.length <= WIDEST ? 0 : Math.max(0, column - 1 - WIDEST / 2);
    const text = printable(whole.slice(start, start + WIDEST));
    const before = column - 1 - start;
    // Tabs stay tabs, so that the carets stand under the fault at any tab width.
    const indent = text.slice(0, before).replaceAll(/[^\t]/g, ' ').padEnd(before);
    const carets = '^'.repeat(Math.max(1, Math.min(length, text.length - before)));
    const gutter = String(line).padStart(5);
    return `${gutter} | ${text}\n${' '.repeat(gutter.length)} | ${indent}${carets}`;
  }
}

/** Control characters of a hostile or binary file must not reach the terminal. */
export function printable(text: string): string {
  return text.replaceAll(/[^\t\P{Cc}]/gu, '\uFFFD');
}

function order(where: Where): number {
  if (!('line' in where)) return 0;
  return (where.source ? 1e13 : 0) + where.line * 1e6 + where.column;
}
