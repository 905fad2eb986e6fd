import { printable } from '../config/problems.js';
import { KINDS, type KindName } from './safetensors-kinds.js';

/** Where a tensor lies in a file. */
export interface TensorPlace {
  readonly kind: KindName;
  readonly shape: readonly number[];
  /** First byte and the one after the last, counted from the start of the file. */
  readonly begin: number;
  readonly end: number;
}

/** What the head of a file says of it. */
export interface SafetensorsHeader {
  /** In the order of the header. */
  readonly tensors: ReadonlyMap<string, TensorPlace>;
  readonly metadata: ReadonlyMap<string, string>;
}

/** No model comes near these; a header beyond them is refused before it fills the memory. */
const MOST_NAMES = 32_768;
const MOST_AXES = 16;

const METADATA = '__metadata__';
const LONGEST_SHOWN = 120;

/** A name from a file, fit to be shown. */
export function shown(name: string): string {
  return printable(name.length > LONGEST_SHOWN ? `${name.slice(0, LONGEST_SHOWN)}...` : name);
}

/**
 * Reads the header's JSON by the one form it may have, so that whatever departs from it is refused at the first byte
 * that does: nesting, a name that comes twice (where JSON.parse keeps the last), numbers that are no sizes.
 * @param json the header alone
 * @param start where the tensors' bytes start in the file
 * @param size bytes of the whole file
 * @param fault makes the error to throw
 */
export function parseHeader(
  json: Uint8Array,
  start: number,
  size: number,
  fault: (what: string) => Error,
): SafetensorsHeader {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(json);
  } catch {
    throw fault('the header is not UTF-8');
  }
  const scan = new Scanner(text, fault);
  const tensors = new Map<string, TensorPlace>();
  const metadata = new Map<string, string>();
  let hasMetadata = false;
  scan.object((name) => {
    if (tensors.size + metadata.size >= MOST_NAMES) throw fault(`the header has more than ${MOST_NAMES} names`);
    if (tensors.has(name) || (name === METADATA && hasMetadata)) throw fault(`${shown(name)} comes twice`);
    if (name !== METADATA) {
      tensors.set(name, readPlace(scan, name, start, fault));
      return;
    }
    hasMetadata = true;
    scan.object((key) => {
      if (tensors.size + metadata.size >= MOST_NAMES) throw fault(`the header has more than ${MOST_NAMES} names`);
      if (metadata.has(key)) throw fault(`${shown(key)} comes twice in ${METADATA}`);
      metadata.set(key, scan.string());
    });
  });
  scan.end();
  checkPlaces(tensors, start, size, fault);
  return { tensors, metadata };
}

function readPlace(scan: Scanner, name: string, start: number, fault: (what: string) => Error): TensorPlace {
  let dtype: string | undefined;
  let shape: number[] | undefined;
  let offsets: number[] | undefined;
  scan.object((field) => {
    if (field === 'dtype' && dtype === undefined) dtype = scan.string();
    else if (field === 'shape' && shape === undefined) shape = scan.sizes(MOST_AXES);
    else if (field === 'data_offsets' && offsets === undefined) offsets = scan.sizes(2);
    else throw fault(`the header's entry for ${shown(name)} is malformed: ${shown(field)} does not belong there`);
  });
  if (dtype === undefined || shape === undefined || offsets?.length !== 2) {
    throw fault(`the header's entry for ${shown(name)} is malformed: it needs dtype, shape and two data_offsets`);
  }
  if (!Object.hasOwn(KINDS, dtype)) {
    throw fault(`${shown(name)} holds ${shown(dtype)}; read here are ${Object.keys(KINDS).join(', ')}`);
  }
  const kind = dtype as KindName;
  const [begin, end] = offsets as [number, number];
  // A product beyond 2^53 is rounded, yet never to a number that two offsets can differ by.
  const expected = shape.includes(0) ? 0 : shape.reduce((a, b) => a * b, KINDS[kind].bytes);
  if (end - begin !== expected) {
    throw fault(`${shown(name)} has ${end - begin} bytes where its shape needs ${expected}`);
  }
  return { kind, shape, begin: start + begin, end: start + end };
}

/** The tensors' bytes follow each other from the header to the end of the file, without overlap or gap. */
function checkPlaces(
  tensors: ReadonlyMap<string, TensorPlace>,
  start: number,
  size: number,
  fault: (what: string) => Error,
): void {
  let at = start;
  for (const [name, { begin, end }] of [...tensors].sort(([, a], [, b]) => a.begin - b.begin || a.end - b.end)) {
    if (begin !== at) {
      throw fault(`${shown(name)} starts at ${begin - start} where the tensor before it ends at ${at - start}`);
    }
    if (end > size) throw fault(`${shown(name)} ends beyond the end of the file`);
    at = end;
  }
  if (at !== size) throw fault(`the file goes on for ${size - at} bytes after its last tensor`);
}

/** Reads the few forms of JSON that a header is made of. */
class Scanner {
  readonly #text: string;
  readonly #fault: (what: string) => Error;
  #at = 0;

  constructor(text: string, fault: (what: string) => Error) {
    this.#text = text;
    this.#fault = fault;
  }

  /** An object: `member` is called after each name and its colon, and reads the value. */
  object(member: (name: string) => void): void {
    this.#list('{', '}', () => {
      const name = this.string();
      this.#expect(':');
      member(name);
    });
  }

  /** A list of sizes: whole numbers from 0 to 2^53 - 1. */
  sizes(most: number): number[] {
    const numbers: number[] = [];
    this.#list('[', ']', () => {
      if (numbers.length === most) throw this.#malformed(`a list of at most ${most} numbers`);
      numbers.push(this.#size());
    });
    return numbers;
  }

  string(): string {
    this.#skipSpace();
    const start = this.#at;
    if (this.#text[start] !== '"') throw this.#malformed('a text');
    let end = start + 1;
    while (this.#text[end] !== '"') {
      if (end >= this.#text.length) throw this.#malformed('a text that ends');
      end += this.#text[end] === '\\' ? 2 : 1;
    }
    try {
      const value: string = JSON.parse(this.#text.slice(start, end + 1));
      this.#at = end + 1;
      return value;
    } catch {
      throw this.#malformed('a text');
    }
  }

  /** Nothing but space may follow. */
  end(): void {
    this.#skipSpace();
    if (this.#at < this.#text.length) throw this.#malformed('the end');
  }

  #size(): number {
    this.#skipSpace();
    const pattern = /[-+.\w]{1,40}/y;
    pattern.lastIndex = this.#at;
    const word = pattern.exec(this.#text)?.[0] ?? '';
    const value = Number(word);
    if (!/^(0|[1-9]\d*)$/.test(word) || !Number.isSafeInteger(value)) {
      throw this.#malformed('a whole number from 0 to 2^53 - 1');
    }
    this.#at += word.length;
    return value;
  }

  #list(open: string, close: string, item: () => void): void {
    this.#expect(open);
    if (this.#next() === close) {
      this.#at++;
      return;
    }
    for (;;) {
      item();
      if (this.#next() !== ',') break;
      this.#at++;
    }
    this.#expect(close);
  }

  #expect(character: string): void {
    if (this.#next() !== character) throw this.#malformed(character);
    this.#at++;
  }

  #next(): string | undefined {
    this.#skipSpace();
    return this.#text[this.#at];
  }

  #skipSpace(): void {
    while (' \n\r\t'.includes(this.#text[this.#at] ?? '-')) this.#at++;
  }

  #malformed(expected: string): Error {
    return this.#fault(`the header is malformed: ${expected} was expected at character ${this.#at + 1}`);
  }
}
