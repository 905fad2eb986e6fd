/** Scores of a set of captions. */
export interface CaptionScores {
  /** The mean of the items. */
  readonly mean: number;
  /** [items] */
  readonly items: readonly number[];
}

/**
 * Throws RangeError for a set of captions that cannot be scored: no item, an item without a reference, or captions
 * and lists of references that differ in number.
 */
export function checkCaptions(metric: string, candidates: readonly unknown[], references: readonly unknown[][]): void {
  if (candidates.length === 0) throw new RangeError(`${metric} of no items at all`);
  if (candidates.length !== references.length) {
    throw new RangeError(`${metric} of ${candidates.length} captions against ${references.length} lists of references`);
  }
  const bare = references.findIndex((list) => list.length === 0);
  if (bare >= 0) throw new RangeError(`${metric}: item ${bare} has no reference`);
}

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
