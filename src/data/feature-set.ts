import { closeSync, openSync, readFileSync, readSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { Float16Array, getFloat16 } from '@petamoriken/float16';

interface Index {
  /** Pictures, in the file's order. */
  readonly ids: readonly string[];
  /** Patches a picture. */
  readonly patches: number;
  /** Width of a patch's feature. */
  readonly width: number;
}

const INDEX = 'features.json';
const VALUES = 'features.f16';

/** Value of every 16-bit float: reading is a look-up. */
let decoded: Float32Array | null = null;
function halfValues(): Float32Array {
  if (decoded) return decoded;
  const view = new DataView(new ArrayBuffer(2));
  decoded = Float32Array.from({ length: 1 << 16 }, (_, bits) => {
    view.setUint16(0, bits, true);
    return getFloat16(view, 0, true);
  });
  return decoded;
}

/** Writes features as they come, [pictures, patches, width] as 16-bit floats. */
export class FeatureWriter {
  readonly #folder: string;
  readonly #file: number;
  readonly #ids: string[] = [];

  constructor(folder: string) {
    this.#folder = folder;
    this.#file = openSync(join(folder, VALUES), 'w');
  }

  /** Appends pictures. @param values [ids, patches, width] */
  append(ids: readonly string[], values: Float32Array): void {
    const half = new Float16Array(values);
    writeSync(this.#file, new Uint8Array(half.buffer as ArrayBuffer));
    this.#ids.push(...ids);
  }

  close(patches: number, width: number): void {
    closeSync(this.#file);
    const index: Index = { ids: this.#ids, patches, width };
    writeFileSync(join(this.#folder, INDEX), JSON.stringify(index));
  }
}

/** Features of pictures on disk. */
export class FeatureSet {
  readonly ids: readonly string[];
  readonly patches: number;
  readonly width: number;
  readonly #file: number;
  readonly #positions: ReadonlyMap<string, number>;
  /** One picture as it lies in the file. */
  readonly #half: Uint16Array;

  constructor(folder: string) {
    const index = JSON.parse(readFileSync(join(folder, INDEX), 'utf8')) as Index;
    this.ids = index.ids;
    this.patches = index.patches;
    this.width = index.width;
    this.#file = openSync(join(folder, VALUES), 'r');
    this.#positions = new Map(index.ids.map((id, i) => [id, i]));
    this.#half = new Uint16Array(index.patches * index.width);
  }

  /**
   * Features of one picture.
   * @param values receives [patches, width] from `offset` on
   * @throws Error if it is not in the set
   */
  readInto(id: string, values: Float32Array, offset: number): void {
    const position = this.#positions.get(id);
    if (position === undefined) throw new Error(`no features of ${id}`);
    const half = this.#half;
    readSync(this.#file, half, 0, half.byteLength, position * half.byteLength);
    const table = halfValues();
    for (let i = 0; i < half.length; i++) values[offset + i] = table[half[i]!]!;
  }

  close(): void {
    closeSync(this.#file);
  }
}
