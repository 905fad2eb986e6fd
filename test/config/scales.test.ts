import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { loadGrid } from '../../src/config/load.js';
import { SCALE_NAMES } from '../../src/config/recipe.js';
import { SCALES } from '../../src/config/scales.js';
import { sourceReader } from '../../src/plan/sources.js';

/** MM1 has no mixture of experts at 30b, and the grid says so. */
const onlyAt = (scale: string, grid: string) =>
  scale === '30b' && grid === 'final.yaml' ? ['language_model.type=dense'] : undefined;

const gridsIn = (folder: string) => readdirSync(folder).filter((name) => name.endsWith('.yaml'));

it.each(gridsIn('configs/tuning'))('the tuning grid %s is about nano', (grid) => {
  const { scale, variants } = loadGrid(`configs/tuning/${grid}`, {}, undefined, sourceReader('runs'));
  expect(scale).toBe('nano');
  expect(variants.length).toBeGreaterThan(1);
});

describe.each(SCALE_NAMES)('scale %s', (scale) => {
  it.each(gridsIn('configs'))('runs %s', (grid) => {
    const plan = loadGrid(`configs/${grid}`, { scale, only: onlyAt(scale, grid) }, undefined, sourceReader('runs'));
    expect(plan.scale).toBe(scale);
    expect(plan.variants.every(({ recipe }) => recipe.scale === scale)).toBe(true);
  });
});

describe.each(['3b', '7b', '30b'] as const)('scale %s', (scale) => {
  it("is the paper's own training", () => {
    expect(SCALES[scale].training).toMatchObject({
      steps: 200_000,
      batch: 512,
      learning_rate: 'paper',
      schedule: 'cosine',
      warmup: 2000,
      freeze: 'none',
      weight_decay: 0.1,
    });
  });
});
