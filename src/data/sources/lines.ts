import { createReadStream } from 'node:fs';
import { Gathered } from './bytes.js';
import type { DataFile } from './files.js';

/** A line, or several that belong together. */
export interface Line {
  /** The file and the first line's number, counted from 1. */
  readonly id: string;
  readonly bytes: Buffer;
}

const LINE_FEED = 0x0a;

/** The lines of a file, one after another, without their line feeds; what follows the last one counts where it is not empty. */
export async function* lines(path: string): AsyncGenerator<Buffer> {
  const line = new Gathered();
  for await (const chunk of createReadStream(path, { highWaterMark: 2 ** 18 }) as AsyncIterable<Buffer>) {
    let start = 0;
    for (let end = chunk.indexOf(LINE_FEED); end >= 0; end = chunk.indexOf(LINE_FEED, start)) {
      line.add(chunk.subarray(start, end));
      yield line.take();
      start = end + 1;
    }
    line.add(chunk.subarray(start));
  }
  const last = line.take();
  if (last.length > 0) yield last;
}

/** Whether a line holds nothing but blanks. */
export function isBlank(line: Uint8Array): boolean {
  return line.every((byte) => byte === 0x20 || byte === 0x09 || byte === 0x0d);
}

/** The lines of some files that are not blank. */
export async function* filledLines(files: readonly DataFile[]): AsyncGenerator<Line> {
  for (const { name, path } of files) {
    let number = 0;
    for await (const bytes of lines(path)) {
      number++;
      if (!isBlank(bytes)) yield { id: `${name}:${number}`, bytes };
    }
  }
}
