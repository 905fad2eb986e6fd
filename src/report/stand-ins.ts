import type { VariantRow } from '../store/rows.js';

/** One line that says what the paper's names stand for in a run whose models are tiny. */
export function standIns(scale: string, variants: readonly VariantRow[]): string {
  const trained = variants.flatMap(({ recipe }) => recipe.encoder.model ?? []);
  const encoders = [...new Set(trained)].join(', ');
  const vision = encoders === '' ? '' : `${encoders} is a small transformer trained here, `;
  return (
    `At scale ${scale}, ${vision}emoji pictures with their names stand for ` +
    'captioned pictures of the web, and questions that metadata answers stand for VQA: this is evidence about tiny models.'
  );
}
