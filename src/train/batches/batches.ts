import type { Batch } from './arrays.js';
import type { BatchSource, MadeBatch } from './batch-source.js';

/** Which batches a training needs. */
export interface Span {
  /** Its first step, from 0. */
  readonly first: number;
  /** Steps of the whole training. */
  readonly steps: number;
  /** Parts of a step. */
  readonly parts: number;
  /** What the source remembers of the steps before the first, or null. */
  readonly data: unknown;
}

/** The batches of a training, one after another. */
export interface Batches<B extends Batch> {
  /** See BatchSource. */
  readonly facts: Readonly<Record<string, number>>;
  /** Says which batches will be asked for; once, before the first. */
  begin(span: Span): void;
  /**
   * The next one.
   * @throws what making it threw: at its own turn, so that the steps in front of it count
   */
  next(): Promise<MadeBatch<B>>;
  /** Waits until no batch is at work, and closes what they were made from. */
  close(): Promise<void>;
}

/** Number of batches of a span. */
export function countBatches({ first, steps, parts }: Span): number {
  return (steps - first) * parts;
}

/** Batches that this thread makes, each when it is asked for. */
export function batchesHere<B extends Batch>(source: BatchSource<B>): Batches<B> {
  let span: Span | null = null;
  let made = 0;
  return {
    facts: source.facts,
    begin(wanted) {
      span = wanted;
      if (wanted.data !== null) source.restore(wanted.data);
    },
    async next() {
      if (!span || made === countBatches(span)) throw new Error('there is no batch to be made');
      const { first, parts } = span;
      const at = made++;
      return source.make(first + Math.floor(at / parts), at % parts);
    },
    close: () => source.close(),
  };
}
