import type { DataRecipe } from '../config/recipe.js';

/** Positions of a training sequence: its text, and its pictures' visual tokens. */
export function sequenceLength(
  { text_tokens, images }: Pick<DataRecipe, 'text_tokens' | 'images'>,
  tokens: number,
): number {
  return text_tokens + images * tokens;
}
