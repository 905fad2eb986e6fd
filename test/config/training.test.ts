import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { loadGrid } from '../../src/config/load.js';
import { isFrozen, PARTS } from '../../src/config/recipe.js';
import { Mm1Error } from '../../src/errors.js';

const folder = mkdtempSync(join(tmpdir(), 'mm1-training-'));
const file = join(folder, 'grid.yaml');
afterAll(() => rmSync(folder, { recursive: true }));

function load(text: string) {
  writeFileSync(file, `seeds: [0]\n${text}`);
  return loadGrid(file);
}

/** First problem of a grid, without the file's name. */
function problem(text: string): string {
  try {
    load(text);
  } catch (error) {
    if (error instanceof Mm1Error)
      return error.message
        .split('\n')
        .find((line) => line.startsWith(file))!
        .slice(file.length + 1);
    throw error;
  }
  throw new Error('the grid was accepted');
}

describe('freeze', () => {
  it.each([
    ['[encoder]', ['encoder']],
    ['[language_model, encoder]', ['encoder', 'language_model']],
    ['[]', []],
  ])('a list of parts: %s', (list, parts) => {
    const { freeze } = load(`base: {training: {freeze: ${list}}}`).variants[0]!.recipe.training;
    expect(PARTS.filter((part) => isFrozen(freeze, part))).toEqual(parts);
  });

  it('the encoder, where the grid does not say', () => {
    expect(load('').variants[0]!.recipe.training.freeze).toBe('encoder');
  });

  it('as an axis: each list is one value, shown in one word', () => {
    const { axes, variants } = load('axes:\n  training.freeze: [[], [encoder], [language_model, encoder]]');
    expect(axes).toEqual([{ path: 'training.freeze', values: ['none', 'encoder', 'encoder+language_model'] }]);
    expect(variants.map(({ recipe }) => recipe.training.freeze)).toEqual(['none', 'encoder', 'encoder+language_model']);
  });

  it('the order of a list is no other recipe', () => {
    const [one, other] = ['[encoder, language_model]', '[language_model, encoder]'].map(
      (list) => load(`base: {training: {freeze: ${list}}}`).variants[0]!.key,
    );
    expect(one).toBe(other);
  });

  it.each([
    [
      'base: {training: {freeze: [decoder]}}',
      '2:27: training.freeze must be a list of parts: encoder, connector, language_model; it is a list',
    ],
    [
      'axes:\n  training.freeze: [[encoder], [encoder, language_model], [language_model, encoder]]',
      '3:59: axis training.freeze has "encoder+language_model" twice',
    ],
    [
      'base: {training: {freeze: [encoder, connector, language_model]}}',
      '2:27: encoder, connector and language model are all frozen: there is nothing to train',
    ],
    [
      'axes:\n  training.freeze: [[], [connector, language_model, encoder]]',
      '3:25: encoder, connector and language model are all frozen: there is nothing to train',
    ],
  ])('is refused at its place: %s', (text, expected) => {
    expect(problem(text)).toBe(expected);
  });
});

describe('rate, schedule and parts of an update', () => {
  it('a number, or the rule of the paper', () => {
    const { variants } = load('axes:\n  training.learning_rate: [0.001, paper]');
    expect(variants.map(({ recipe }) => recipe.training.learning_rate)).toEqual([0.001, 'paper']);
  });

  it.each([
    [
      'base: {training: {learning_rate: mm1}}',
      '2:34: training.learning_rate must be greater than 0, or "paper" for MM1\'s own rule; it is "mm1"',
    ],
    ['base: {training: {learning_rate: 0}}', '2:34: training.learning_rate must be greater than 0, but is 0'],
    [
      'base: {training: {schedule: cosin}}',
      '2:29: training.schedule has the unknown value "cosin": did you mean "cosine"?',
    ],
    [
      'base: {training: {batch: 16, accumulate: 3}}',
      '2:42: a batch of 16 sequences cannot be computed in 3 equal parts',
    ],
    ['base: {training: {accumulate: 0}}', '2:31: training.accumulate must be greater than 0, but is 0'],
  ])('is refused at its place: %s', (text, expected) => {
    expect(problem(text)).toBe(expected);
  });
});

describe('precision', () => {
  const precisions = (text: string) => load(text).variants.map(({ recipe }) => recipe.precision);
  it('is float32 where the grid does not say, and stands beside the base', () => {
    expect(precisions('')).toEqual(['fp32']);
    expect(precisions('precision: bf16')).toEqual(['bf16']);
  });
  it('may be an axis, and is then part of what a variant is', () => {
    expect(precisions('axes: {precision: [fp32, bf16]}')).toEqual(['fp32', 'bf16']);
    const [one, other] = load('axes: {precision: [fp32, bf16]}').variants;
    expect(one!.key).not.toBe(other!.key);
    expect(load('precision: bf16').variants[0]!.key).toBe(other!.key);
  });
  it('is told where it is none', () => {
    expect(problem('precision: bf61')).toBe('2:12: precision has the unknown value "bf61": valid: fp32, bf16');
    expect(problem('axes: {precision: [fp16]}')).toContain('2:20: precision has the unknown value "fp16"');
    expect(problem('axes: {precison: [fp32]}')).toContain('unknown setting "precison"');
  });
});
