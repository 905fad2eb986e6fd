import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { loadGrid } from '../../src/config/load.js';
import { SIZES } from '../../src/config/sizes.js';
import { decoderConfig } from '../../src/model/sizes.js';
import { stageGraph } from '../../src/plan/graph.js';
import { sourceReader } from '../../src/plan/sources.js';

function planOf(text: string) {
  const file = join(mkdtempSync(join(tmpdir(), 'mm1-size-')), 'grid.yaml');
  writeFileSync(file, `seeds: [0]\n${text}`);
  return loadGrid(file, {}, undefined, sourceReader('runs'));
}

it('is the decoder of another scale, with the encoder of its own', () => {
  const { variants } = planOf('axes: {language_model.size: [smoke, nano, micro]}\n');
  const widths = variants.map(({ recipe }) => decoderConfig(recipe, 4096).hidden_size);
  expect(widths).toEqual([SIZES.smoke, SIZES.nano, SIZES.micro].map(({ decoder }) => decoder.width));
  expect(new Set(variants.map(({ recipe }) => recipe.scale))).toEqual(new Set(['nano']));
});

it('is no other recipe where it is the scale of its own: stages are shared', () => {
  const [named] = planOf('base: {language_model: {size: nano}}\n').variants;
  const [silent] = planOf('').variants;
  expect(named!.recipe).toEqual(silent!.recipe);
});

it('is another stage for the language model, and the same encoder', () => {
  const plan = planOf('axes: {language_model.size: [smoke, nano]}\n');
  const kinds = [...stageGraph(plan, 'tensorflow').stages.values()].map(({ kind }) => kind);
  expect(kinds.filter((kind) => kind === 'encoder')).toHaveLength(1);
  expect(kinds.filter((kind) => kind === 'language-model')).toHaveLength(2);
});

it('has the experts of its scale', () => {
  const [variant] = planOf('base: {language_model: {size: small, type: moe}}\n').variants;
  expect(variant!.recipe.language_model).toMatchObject({ size: 'small', experts: 8, expert_every: 2 });
});

it('is told where it is no scale', () => {
  expect(() => planOf('base: {language_model: {size: tiny}}\n')).toThrow(/language_model\.size/);
});
