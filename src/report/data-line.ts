import { DATA_KINDS, type DataRecipe } from '../config/recipe.js';
import type { StageRow, VariantRow } from '../store/rows.js';

/** One line on what a run was trained on: the sources of each kind, and how many documents each corpus took of them. */
export function dataLine(variants: readonly VariantRow[], stages: readonly StageRow[]): string {
  const sources = distinct(variants.map(({ recipe }) => sourcesOf(recipe.data)));
  const from = sources.length === 1 ? sources[0]! : `${sources.length} choices of sources`;
  const corpora = stages.filter(({ kind }) => kind === 'corpus');
  const sizes = distinct(
    corpora.map(({ title, summary }) => {
      const pictures = Number(summary.pictures);
      return `${title}: ${summary.documents} documents${pictures > 0 ? `, ${pictures} pictures` : ''}`;
    }),
  );
  return [from, ...sizes].join('; ');
}

/** `caption from emoji; text from wordnet, speeches`, of the kinds that are drawn. */
function sourcesOf(data: DataRecipe): string {
  return DATA_KINDS.filter((kind) => data[kind] > 0)
    .map((kind) => `${kind} from ${data[`${kind}_from`].map(({ source }) => source).join(', ')}`)
    .join('; ');
}

function distinct<Value>(values: readonly Value[]): Value[] {
  return [...new Set(values)];
}
