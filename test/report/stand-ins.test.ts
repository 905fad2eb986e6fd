import { expect, it } from 'vitest';
import type { EncoderData } from '../../src/config/recipe.js';
import { defaultRecipe } from '../../src/config/scales.js';
import { standIns } from '../../src/report/stand-ins.js';
import type { VariantRow } from '../../src/store/rows.js';

const { encoder, ...rest } = defaultRecipe('nano');
const variant = (recipe: VariantRow['recipe']): VariantRow => ({
  id: 1,
  runId: 'run',
  index: 0,
  key: '',
  settings: {},
  recipe,
});
const trained = (['vit-l', 'vit-h', 'vit-l'] as const).map((model) =>
  variant({ ...rest, encoder: { ...encoder, model } }),
);
const checkpoint = { sha256: '0', sizes: {} };
const loaded = variant({ ...rest, encoder: { type: 'clip', checkpoint, patch: 14, resolution: 224 } });

it('says of the models that were trained here, and of no others, that they are small', () => {
  expect(standIns('nano', trained)).toMatch(/^At scale nano, vit-l, vit-h is a small transformer trained here; /);
  expect(standIns('nano', [...trained, loaded])).toBe(standIns('nano', trained));
  expect(standIns('nano', [loaded])).toMatch(/^At scale nano, what the grid's sources hold/);
});

it('says of each set once what stands for it', () => {
  const on = (data: EncoderData, type: 'clip' | 'aim' = 'clip') =>
    variant({ ...rest, encoder: { ...encoder, data, type, pictures: 3000 } });
  const line = standIns('nano', [
    on('dfn-5b'),
    on('dfn-5b+vecap'),
    on('dfn-5b'),
    on('imagetext-400m'),
    on('dfn-2b', 'aim'),
  ]);
  expect(line).toContain(
    "trained here; dfn-5b is at most 3,000 captioned pictures, 5% of the texts another picture's; " +
      'dfn-5b+vecap is at most 3,000 captioned pictures, 5.7% of the texts rewritten where they can be, ' +
      "5% of the others another picture's; " +
      "imagetext-400m is at most 240 captioned pictures, 20% of the texts another picture's; " +
      'dfn-2b is at most 1,200 pictures without their texts; what',
  );
});
