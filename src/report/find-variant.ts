import { nearest } from '../config/nearest.js';
import { usage } from '../errors.js';
import type { VariantRow } from '../store/rows.js';
import { settingsText, variantNumber } from './settings.js';

/**
 * The variant that a person means by its number, its key or its settings as tables print them; the only one where there
 * is one alone and nothing was typed.
 *
 * @throws Mm1Error E_USAGE, with the nearest, where there is no such variant
 */
export function findVariant(variants: readonly VariantRow[], typed: string | undefined): VariantRow {
  const remedy = `Give a variant's number (1 to ${variants.length}), its key, or its settings as "mm1 report" prints them.`;
  if (typed === undefined) {
    if (variants.length === 1) return variants[0]!;
    throw usage('--variant', `which of the ${variants.length} variants?`, remedy);
  }
  const wanted = typed.trim().replaceAll(/\s+/g, ' ');
  const found =
    variants.find((variant) => String(variantNumber(variant)) === wanted) ??
    variants.find(({ key, settings }) => key === wanted || settingsText(settings) === wanted);
  if (found) return found;
  const near = nearest(
    wanted,
    variants.flatMap(({ key, settings }) => [settingsText(settings), key]),
  );
  throw usage(
    '--variant',
    `there is no variant ${JSON.stringify(typed)}`,
    near === undefined ? remedy : `Did you mean "${near}"?`,
  );
}
