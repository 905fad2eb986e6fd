import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { loadGrid } from '../../src/config/load.js';
import { AIM_MODELS, CLIP_MODELS, ENCODER_MODELS } from '../../src/config/recipe.js';
import { Mm1Error } from '../../src/errors.js';

const folder = mkdtempSync(join(tmpdir(), 'mm1-encoder-'));
const file = join(folder, 'grid.yaml');
afterAll(() => rmSync(folder, { recursive: true }));

/** Type and model of each variant of a grid. */
function encoders(text: string): string[] {
  writeFileSync(file, `seeds: [0]\n${text}`);
  return loadGrid(file).variants.map(({ recipe }) => `${recipe.encoder.type} ${recipe.encoder.model}`);
}

/** What is wrong with a grid: "line:column: message". */
function faults(text: string): string[] {
  try {
    encoders(text);
  } catch (error) {
    if (!(error instanceof Mm1Error)) throw error;
    const lines = error.message.split('\n').filter((line) => line.startsWith(file));
    return lines.map((line) => line.slice(file.length + 1));
  }
  throw new Error('the grid was accepted');
}

describe('the type of an encoder and its model', () => {
  test('a grid that says nothing has CLIP and ViT-L', () => {
    expect(encoders('')).toEqual(['clip vit-l']);
  });

  test.each(ENCODER_MODELS)('%s alone says its type', (model) => {
    const type = AIM_MODELS.some((name) => name === model) ? 'aim' : 'clip';
    expect(encoders(`base: {encoder: {model: ${model}}}\n`)).toEqual([`${type} ${model}`]);
  });

  test('a type alone has its base model', () => {
    expect(encoders('base: {encoder: {type: clip}}\n')).toEqual(['clip vit-l']);
    expect(encoders('base: {encoder: {type: aim}}\n')).toEqual(['aim aim-1b']);
  });

  test('an axis of models has encoders of both types, and so has an axis of types', () => {
    expect(encoders('axes: {encoder.model: [vit-h, aim-3b, aim-600m]}\n')).toEqual([
      'clip vit-h',
      'aim aim-3b',
      'aim aim-600m',
    ]);
    expect(encoders('axes: {encoder.type: [aim, clip]}\n')).toEqual(['aim aim-1b', 'clip vit-l']);
  });

  test('both may be given where they fit', () => {
    expect(encoders('base: {encoder: {type: aim}}\naxes: {encoder.model: [aim-1b, aim-3b]}\n')).toEqual([
      'aim aim-1b',
      'aim aim-3b',
    ]);
  });

  test('both given that do not fit are refused at their place, with the models that fit', () => {
    expect(faults('base: {encoder: {type: clip, model: aim-1b}}\n')).toEqual([
      `2:37: the encoder model aim-1b is not of type clip, whose models are: ${CLIP_MODELS.join(', ')}`,
    ]);
    expect(faults('base: {encoder: {type: aim}}\naxes: {encoder.model: [aim-1b, vit-l]}\n')).toEqual([
      `3:32: the encoder model vit-l is not of type aim, whose models are: ${AIM_MODELS.join(', ')}`,
    ]);
    expect(faults('base: {encoder: {model: vit-l}}\naxes: {encoder.type: [clip, aim]}\n')).toEqual([
      `3:29: the encoder model vit-l is not of type aim, whose models are: ${AIM_MODELS.join(', ')}`,
    ]);
  });

  test('an unknown model has the nearest name', () => {
    expect(faults('base: {encoder: {model: aim-1}}\n')[0]).toContain('did you mean "aim-1b"?');
  });
});

test.each([
  ['base: {encoder: {type: aim, keep_patches: 3}}\n', '2:43: '],
  ['base: {encoder: {type: aim, resolution: 14}, connector: {tokens: 1}}\n', '2:41: '],
])('AIM with less than 2 x 2 patches has nothing to predict from', (text, place) => {
  const [fault] = faults(text);
  expect(fault).toContain(`${place}AIM predicts patches from those before them and needs 2 x 2 at least`);
  expect(encoders(text.replace('3}', '4}').replace('14}', '28}'))).toEqual(['aim aim-1b']);
});

test("CLIP's contrast of regions is none of AIM's: refused, unless an axis has both and the base speaks of CLIP", () => {
  expect(faults('base: {encoder: {type: aim, contrast: regions}}\n')).toEqual([
    '2:39: AIM predicts pixels and contrasts nothing: encoder.contrast: regions is for CLIP',
  ]);
  const both = 'base: {encoder: {contrast: regions}}\naxes: {encoder.model: [vit-l, aim-1b]}\n';
  expect(encoders(both)).toEqual(['clip vit-l', 'aim aim-1b']);
});

test('CLIP learns from a single patch', () => {
  expect(encoders('base: {encoder: {keep_patches: 1}}\n')).toEqual(['clip vit-l']);
});
