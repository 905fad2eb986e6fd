import type { ImageSet } from './image-set.js';

/** Most bytes of pictures that a pool keeps: 3,170 of 336 px. */
const BUDGET = 2 ** 30;

/**
 * Decoded pictures of an image set. Some are kept, those that were asked for last, so that a small set is decoded once
 * and a large one never lies in memory as a whole.
 */
export class PicturePool {
  /** Pictures of the set. */
  readonly count: number;
  /** Side of each picture in pixels. */
  readonly resolution: number;
  readonly #set: ImageSet;
  readonly #most: number;
  /** By number, the one that was asked for last at the end. */
  readonly #kept = new Map<number, Promise<Uint8Array>>();

  /** @param budget bytes of pictures that are kept; those of one call are in memory besides */
  constructor(set: ImageSet, budget = BUDGET) {
    this.#set = set;
    this.count = set.ids.length;
    this.resolution = set.resolution;
    this.#most = Math.floor(budget / (3 * set.resolution ** 2));
  }

  /**
   * Pictures by their numbers, decoded side by side in sharp's threads.
   * @returns RGB, [resolution, resolution, 3] each, in the order given; they are shared: nobody writes to them
   * @throws Mm1Error E_IMAGE where a picture is damaged
   */
  get(numbers: readonly number[]): Promise<Uint8Array[]> {
    return Promise.all(numbers.map((number) => this.#picture(number)));
  }

  #picture(number: number): Promise<Uint8Array> {
    const picture = this.#kept.get(number) ?? this.#set.pixels(number);
    this.#kept.delete(number);
    this.#kept.set(number, picture);
    if (this.#kept.size > this.#most) this.#kept.delete(this.#kept.keys().next().value!);
    return picture;
  }
}
