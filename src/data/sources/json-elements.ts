import { createReadStream } from 'node:fs';
import { Mm1Error } from '../../errors.js';
import { Gathered } from './bytes.js';

/** One value of a large JSON file, not parsed yet. */
export interface JsonElement {
  /** Name of the member that it stands in, where the file is an object. */
  readonly member: string | null;
  readonly bytes: Buffer;
}

const [QUOTE, BACKSLASH, COMMA, COLON] = [0x22, 0x5c, 0x2c, 0x3a];
const [OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = [0x5b, 0x5d, 0x7b, 0x7d];

/**
 * The elements of a JSON file that is too large to be parsed whole: of a list, each element; of an object, each
 * member's value, or each element of it where it is a list. Only brackets, commas and strings are looked at here.
 * @throws Mm1Error E_DATA where the file is neither, or ends too early
 */
export async function* jsonElements(path: string): AsyncGenerator<JsonElement> {
  const text = new Gathered(); // of the element so far
  let member: string | null = null;
  let rootIsObject = false;
  let depth = 0;
  let level = 1; // depth at which elements stand: 2 within a member that is a list
  let closed = false;
  let [quoted, escaped] = [false, false];

  for await (const chunk of createReadStream(path, { highWaterMark: 2 ** 18 }) as AsyncIterable<Buffer>) {
    let start = 0;
    for (let i = 0; i < chunk.length; i++) {
      const byte = chunk[i]!;
      if (quoted) {
        if (escaped) escaped = false;
        else if (byte === BACKSLASH) escaped = true;
        else if (byte === QUOTE) quoted = false;
        continue;
      }
      if (depth === 0) {
        if (isSpace(byte)) continue;
        if (closed) throw damaged(path, 'holds more than one JSON value');
        if (byte === OPEN_LIST || byte === OPEN_OBJECT) {
          rootIsObject = byte === OPEN_OBJECT;
          depth = 1;
          start = i + 1;
        } else throw damaged(path, 'is neither a list nor an object');
        continue;
      }
      switch (byte) {
        case QUOTE:
          quoted = true;
          break;
        case OPEN_LIST:
        case OPEN_OBJECT:
          depth++;
          if (depth === 2 && byte === OPEN_LIST && rootIsObject) {
            level = 2;
            text.take();
            start = i + 1;
          }
          break;
        case COLON:
          if (depth !== 1 || !rootIsObject) break;
          text.add(chunk.subarray(start, i));
          member = nameOf(text.take(), path);
          start = i + 1;
          break;
        case COMMA:
        case CLOSE_LIST:
        case CLOSE_OBJECT:
          if (depth === level) {
            if (byte !== COMMA) level = 1;
            text.add(chunk.subarray(start, i));
            const bytes = text.take();
            if (!bytes.every(isSpace)) yield { member, bytes };
            start = i + 1;
          }
          if (byte === COMMA) break;
          depth--;
          closed = depth === 0;
          break;
      }
    }
    if (depth > 0) text.add(chunk.subarray(start));
  }
  if (!closed) throw damaged(path, 'ends before its JSON does');
}

function isSpace(byte: number): boolean {
  // Blanks, line ends and the bytes of a byte order mark.
  return byte <= 0x20 || byte === 0xef || byte === 0xbb || byte === 0xbf;
}

function nameOf(bytes: Buffer, path: string): string {
  try {
    return String(JSON.parse(bytes.toString()));
  } catch {
    throw damaged(path, 'is no JSON');
  }
}

function damaged(path: string, what: string): Mm1Error {
  return new Mm1Error(`A data file ${what}`, { code: 'E_DATA', where: path, remedy: 'Give a whole JSON file.' });
}
