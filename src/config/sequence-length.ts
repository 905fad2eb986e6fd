import type { DataRecipe, Recipe } from './recipe.js';

/** Positions of a training sequence: its text, and its pictures' visual tokens. */
export function sequenceLength(
  { text_tokens, images }: Pick<DataRecipe, 'text_tokens' | 'images'>,
  tokens: number,
): number {
  return text_tokens + images * tokens;
}

/** Most positions of a prompt: those of a training sequence, or what a language model's checkpoint says of itself. */
export function contextLength({ data, connector, language_model }: Recipe): number {
  const stated = language_model.checkpoint?.sizes.max_position_embeddings;
  return typeof stated === 'number' ? stated : sequenceLength(data, connector.tokens);
}
