import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { loadGrid } from '../../src/config/load.js';
import type { Plan } from '../../src/config/plan.js';
import { SCALES } from '../../src/config/scales.js';
import { Mm1Error } from '../../src/errors.js';
import { decoderConfig } from '../../src/model/sizes.js';

const folder = mkdtempSync(join(tmpdir(), 'mm1-moe-'));
afterAll(() => rmSync(folder, { recursive: true }));

function load(text: string): Plan {
  const file = join(folder, 'grid.yaml');
  writeFileSync(file, `seeds: [0]\n${text}`);
  return loadGrid(file);
}

/** The message of a grid that is refused, from the place on. */
function fault(text: string): string {
  try {
    load(text);
  } catch (error) {
    if (error instanceof Mm1Error) return error.message;
    throw error;
  }
  throw new Error('the grid was accepted');
}

const models = (plan: Plan) => plan.variants.map(({ recipe }) => recipe.language_model);

describe('the experts of a recipe', () => {
  test.each([
    ['smoke', 2, 2],
    ['nano', 4, 2],
    ['3b', 64, 2],
    ['7b', 32, 4],
  ])('at %s are %i in every layer of %i where the grid says nothing', (scale, experts, expert_every) => {
    const [model] = models(load(`scale: ${scale}\nbase: {language_model: {type: moe}}\n`));
    expect(model).toMatchObject({ type: 'moe', experts, expert_every });
  });

  test('are what the grid says', () => {
    const [model] = models(load('base: {language_model: {type: moe, experts: 8, expert_every: 3}}\n'));
    expect(model).toMatchObject({ type: 'moe', experts: 8, expert_every: 3 });
  });

  test('are an axis', () => {
    const found = models(load('base: {language_model: {type: moe}}\naxes: {language_model.experts: [2, 8]}\n'));
    expect(found.map(({ experts, expert_every }) => [experts, expert_every])).toEqual([
      [2, 2],
      [8, 2],
    ]);
  });

  test('are no part of a dense recipe, whose key the base of its mixture neighbours does not change', () => {
    const axes = 'axes: {language_model.type: [dense, moe]}\n';
    const few = load(`base: {language_model: {experts: 4}}\n${axes}`);
    const many = load(`base: {language_model: {experts: 16, expert_every: 1}}\n${axes}`);
    expect(models(few)[0]).toEqual(SCALES.nano.language_model);
    expect(models(many)[1]).toMatchObject({ experts: 16, expert_every: 1 });
    const alone = load('');
    expect(few.variants[0]!.key).toBe(alone.variants[0]!.key);
    expect(many.variants[0]!.key).toBe(alone.variants[0]!.key);
    expect(few.variants[1]!.key).not.toBe(many.variants[1]!.key);
  });
});

describe('a wrong mixture is told at its place', () => {
  const cases: readonly [name: string, text: string, expected: string][] = [
    ['unknown type', 'base: {language_model: {type: mixture}}\n', '2:31: language_model.type has the unknown value'],
    [
      'one expert',
      'base: {language_model: {type: moe, experts: 1}}\n',
      '2:45: language_model.experts must be at least 2, but is 1',
    ],
    [
      'every 0th layer',
      'base: {language_model: {type: moe, expert_every: 0}}\n',
      '2:50: language_model.expert_every must be greater than 0, but is 0',
    ],
    [
      'experts of a dense model',
      'base: {language_model: {experts: 8}}\n',
      '2:34: a dense language model has no experts: set language_model.type to moe, or leave language_model.experts out',
    ],
    [
      'layers of a dense model',
      'base: {language_model: {type: dense, expert_every: 2}}\n',
      '2:52: a dense language model has no experts: set language_model.type to moe, or leave language_model.expert_every out',
    ],
    [
      'experts as an axis of a dense model',
      'axes:\n  language_model.type: [dense, moe]\n  language_model.experts: [4, 8]\n',
      '4:28: a dense language model has no experts',
    ],
    [
      'experts in no layer',
      'base: {language_model: {type: moe, expert_every: 4}}\n',
      '2:50: the decoder has 3 layers at nano: experts in every 4 layers are in none',
    ],
    [
      'a scale without a mixture',
      'scale: 30b\nbase: {language_model: {type: moe, experts: 8}}\n',
      '3:31: MM1 has no mixture of experts at 30b: say how it is made with language_model.expert_every',
    ],
  ];

  test.each(cases)('%s', (_, text, expected) => {
    expect(fault(text)).toContain(`grid.yaml:${expected}`);
  });
});

describe('the sizes of the decoder', () => {
  const sizes = (text: string) => decoderConfig(load(text).variants[0]!.recipe, 100);

  test('name the experts, two a token', () => {
    expect(sizes('base: {language_model: {type: moe, experts: 8, expert_every: 3}}\n')).toMatchObject({
      num_local_experts: 8,
      num_experts_per_tok: 2,
      decoder_sparse_step: 3,
    });
  });

  test('name none for a dense decoder', () => {
    expect(Object.keys(sizes(''))).not.toContain('num_local_experts');
  });
});
