import type { TextCounts, TextOrigin } from '../../data/caption-texts.js';

export const NO_TEXTS: TextCounts = { alt: 0, rewritten: 0, mismatched: 0 };

/** Counts of both. */
export function addTexts(one: TextCounts, other: TextCounts): TextCounts {
  return {
    alt: one.alt + other.alt,
    rewritten: one.rewritten + other.rewritten,
    mismatched: one.mismatched + other.mismatched,
  };
}

/** Percentage of an origin among all texts; 0 where there are none. */
export function textPercentage(origin: TextOrigin, counts: TextCounts): number {
  return (100 * counts[origin]) / Math.max(1, counts.alt + counts.rewritten + counts.mismatched);
}
