import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { gridJsonSchema } from '../../src/config/json-schema.js';
import { gridSchema, SETTINGS } from '../../src/config/schema.js';
import { packageRoot } from '../../src/package-root.js';

const validate = new Ajv2020({ strict: false }).compile(gridJsonSchema());
const accepts = (grid: unknown) => validate(grid);

describe('the JSON Schema of grids', () => {
  const folder = join(packageRoot(), 'configs');
  it.each(readdirSync(folder).filter((name) => name.endsWith('.yaml')))('takes configs/%s', (name) => {
    expect(accepts(parse(readFileSync(join(folder, name), 'utf8'))), JSON.stringify(validate.errors)).toBe(true);
  });

  it('knows every key and every setting that a grid may have', () => {
    const { properties } = gridJsonSchema() as { properties: Record<string, { properties: object }> };
    expect(Object.keys(properties).sort()).toEqual(Object.keys(gridSchema.shape).sort());
    expect(Object.keys(properties.axes!.properties).sort()).toEqual([...SETTINGS.keys()].sort());
  });

  it('wants seeds, but of a grid that is laid over another', () => {
    expect(accepts({ axes: { 'connector.tokens': [64] } })).toBe(false);
    expect(accepts({ axes: { 'connector.tokens': [64] }, extends: 'other.yaml' })).toBe(true);
  });

  it('takes every form of an axis', () => {
    const grid = {
      seeds: [0],
      design: 'fraction',
      resolution: 3,
      axes: {
        'connector.tokens': [64, 144],
        'language_model.experts': { values: [2, 4], when: { 'language_model.type': 'moe' } },
        'encoder.resolution, training.steps': [[224, 10]],
        encoder: { 'ViT-L': { 'encoder.model': 'vit-l' }, base: null },
      },
      variants: [{ 'connector.tokens': 16 }],
      exclude: [{ where: { 'connector.tokens': 64 }, reason: 'known' }],
    };
    expect(accepts(grid), JSON.stringify(validate.errors)).toBe(true);
  });

  it.each([
    [{ seeds: [0], scael: 'nano' }],
    [{ seeds: ['a'] }],
    [{ seeds: [0], base: { encoder: { modle: 'vit-l' } } }],
    [{ seeds: [0], axes: { 'encoder.model': ['vit-x'] } }],
    [{ seeds: [0], axes: { 'encoder.modle': ['vit-l'] } }],
    [{ seeds: [0], axes: { mine: { a: { 'encoder.modle': 'vit-l' } } } }],
    [{ seeds: [0], exclude: [{ where: { 'connector.tokens': 64 } }] }],
  ])('refuses %j', (grid) => {
    expect(accepts(grid)).toBe(false);
  });
});
