import type { TrainedEncoder } from '../config/recipe.js';
import { ENCODER_SETS, encoderDocuments } from '../data/encoder-sets.js';
import type { VariantRow } from '../store/rows.js';

/** One line that says what the paper's names stand for in a run whose models are tiny. */
export function standIns(scale: string, variants: readonly VariantRow[]): string {
  const encoders = variants.flatMap(({ recipe }) => (recipe.encoder.checkpoint ? [] : [recipe.encoder]));
  const models = [...new Set(encoders.map(({ model }) => model))].join(', ');
  const sets = [...new Set(encoders.map(setLine))].join('; ');
  const vision = encoders.length === 0 ? '' : `${models} is a small transformer trained here; ${sets}; `;
  return (
    `At scale ${scale}, ${vision}what the grid's sources hold stands for pictures of the web, and ` +
    'questions that metadata answers stand for VQA: this is evidence about tiny models.'
  );
}

/** What an encoder was pre-trained on: "dfn-5b is at most 3,000 captioned pictures, 5% of the texts another picture's". */
function setLine(encoder: TrainedEncoder): string {
  const documents = encoderDocuments(encoder).toLocaleString('en');
  if (encoder.type === 'aim') return `${encoder.data} is at most ${documents} pictures without their texts`;
  const { rewritten, mismatched } = ENCODER_SETS[encoder.data];
  const right = rewritten > 0 ? `${percent(rewritten)} of the texts rewritten where they can be, ` : '';
  const wrong = `${percent(mismatched)} of the ${rewritten > 0 ? 'others' : 'texts'} another picture's`;
  return `${encoder.data} is at most ${documents} captioned pictures, ${right}${wrong}`;
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1).replace('.0', '')}%`;
}
