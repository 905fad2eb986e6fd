import type { StageRow, VariantRow } from '../store/rows.js';

/** One line on what a run was trained and asked on: the corpus, its size, the mixture of training sequences. */
export function dataLine(variants: readonly VariantRow[], stages: readonly StageRow[]): string {
  const concepts = distinct(variants.map(({ recipe }) => recipe.data.concepts));
  const pictures = distinct(stages.filter(({ kind }) => kind === 'images').map(({ summary }) => summary.pictures));
  const mixtures = distinct(
    variants.map(({ recipe: { data } }) => `caption ${data.caption}, question ${data.question}, text ${data.text}`),
  );
  const size = pictures.length === 1 ? ` (${pictures[0]} pictures)` : '';
  const mixture = mixtures.length === 1 ? mixtures[0] : `${mixtures.length} mixtures of caption, question and text`;
  return `emoji, at most ${concepts.join(' or ')} concepts${size}; mixture: ${mixture}`;
}

function distinct<Value>(values: readonly Value[]): Value[] {
  return [...new Set(values)];
}
