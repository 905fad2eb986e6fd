import type { TextCounts, TextOrigin } from '../../../data/caption-texts.js';

/** Counts the texts of a training by where they come from, over interruptions too. */
export class TextTally {
  /** Up to each of the last few steps: a batch is drawn before the step in front of it is saved. */
  readonly #before = new Map<number, TextCounts>([[0, { alt: 0, rewritten: 0, mismatched: 0 }]]);

  /** Counts what was drawn for a step, from 0; steps come in order, each once. */
  add(step: number, { alt, rewritten, mismatched }: TextCounts): void {
    const before = this.before(step);
    this.#before.set(step + 1, {
      alt: before.alt + alt,
      rewritten: before.rewritten + rewritten,
      mismatched: before.mismatched + mismatched,
    });
    this.#before.delete(step - 2);
  }

  /** What was counted in all steps before this one: part of a training's state. */
  before(step: number): TextCounts {
    const counts = this.#before.get(step);
    if (!counts) throw new Error(`the texts before step ${step} are not counted`);
    return counts;
  }

  /** Goes on at a step from what {@link before} gave. */
  restore(counts: unknown, step: number): void {
    this.#before.set(step, counts as TextCounts);
  }

  /** Percentage of an origin among all texts before a step; 0 where there were none. */
  percentage(origin: TextOrigin, step: number): number {
    const counts = this.before(step);
    return (100 * counts[origin]) / Math.max(1, counts.alt + counts.rewritten + counts.mismatched);
  }
}
