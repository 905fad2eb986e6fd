import { expect, it } from 'vitest';
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
  expect(standIns('nano', trained)).toMatch(/^At scale nano, vit-l, vit-h is a small transformer trained here, emoji/);
  expect(standIns('nano', [...trained, loaded])).toBe(standIns('nano', trained));
  expect(standIns('nano', [loaded])).toMatch(/^At scale nano, emoji pictures/);
});
