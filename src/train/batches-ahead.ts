import * as tf from '@tensorflow/tfjs-core';

/**
 * The batches of a training in their order, each begun before the one in front of it is computed on: what sharp's threads
 * decode, they decode while the engine works. At most one batch is ahead.
 */
export class BatchesAhead<B extends tf.TensorContainerObject> {
  readonly #source: BatchSource<B>;
  readonly #parts: number;
  /** Parts begun, from the start of step 0. */
  #begun: number;
  #ahead: Promise<B> | null = null;
  #waited = 0;

  /** @param step first step to draw, from 0 */
  constructor(source: BatchSource<B>, step: number) {
    this.#source = source;
    this.#parts = source.accumulate ?? 1;
    this.#begun = step * this.#parts;
  }

  /**
   * The next batch, once the one after it is begun. The caller disposes of it.
   * @throws what drawing it threw: at its turn, so that the steps in front of it count
   */
  async next(): Promise<B> {
    const start = performance.now();
    const batch = await (this.#ahead ?? this.#begin());
    this.#ahead = this.#begun < this.#source.steps * this.#parts ? this.#begin() : null;
    this.#waited += performance.now() - start;
    return batch;
  }

  /** Seconds since the last call in which nothing but the next batch was worked on: drawn, begun or awaited. */
  takeWaited(): number {
    const seconds = this.#waited / 1000;
    this.#waited = 0;
    return seconds;
  }

  /** Waits for the batch that is ahead, and disposes of it. */
  async close(): Promise<void> {
    const ahead = this.#ahead;
    this.#ahead = null;
    tf.dispose((await ahead?.catch(() => null)) ?? []);
  }

  #begin(): Promise<B> {
    const [step, part] = [Math.floor(this.#begun / this.#parts), this.#begun % this.#parts];
    this.#begun++;
    const batch = (async () => this.#source.batch(step, part))();
    batch.catch(() => {}); // thrown by whoever takes it: until then, nobody listens
    return batch;
  }
}

/** Where batches come from: see Training. */
interface BatchSource<B> {
  readonly batch: (step: number, part: number) => B | Promise<B>;
  readonly steps: number;
  readonly accumulate?: number;
}
