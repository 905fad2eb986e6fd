import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { loadGrid } from '../../src/config/load.js';

const folder = mkdtempSync(join(tmpdir(), 'mm1-tokens-'));
const file = join(folder, 'grid.yaml');
afterAll(() => rmSync(folder, { recursive: true }));

/** Type, tokens and resolution of every variant. */
function connectors(text: string) {
  writeFileSync(file, `seeds: [0]\n${text}`);
  return loadGrid(file).variants.map(({ recipe }) => [
    recipe.connector.type,
    recipe.connector.tokens,
    recipe.encoder.resolution,
  ]);
}

function faults(text: string): string[] {
  writeFileSync(file, `seeds: [0]\n${text}`);
  try {
    loadGrid(file);
  } catch (error) {
    const lines = (error as Error).message.split('\n').filter((line) => line.startsWith(`${file}:`));
    return lines.map((line) => line.replace(`${file}:`, ''));
  }
  throw new Error('the grid was accepted');
}

describe('a connector that keeps every patch', () => {
  test('has as many tokens as patches where the grid says nothing', () => {
    expect(connectors('base: {connector: {type: linear}}\n')).toEqual([['linear', 576, 336]]);
    expect(
      connectors(
        'axes: {connector.type: [c-abstractor, mlp], encoder.resolution: [224, 378]}\nbase: {encoder: {patch: 14}}\n',
      ),
    ).toEqual([
      ['c-abstractor', 144, 224],
      ['c-abstractor', 144, 378],
      ['mlp', 256, 224],
      ['mlp', 729, 378],
    ]);
  });

  test('takes its own number where a grid says it', () => {
    const text = 'base: {connector: {type: mlp, tokens: 256}, encoder: {resolution: 224}}\n';
    expect(connectors(text)).toEqual([['mlp', 256, 224]]);
    expect(connectors(text.replace(', tokens: 256', ''))).toEqual(connectors(text));
  });

  const message = (type: string, patches: string, px: number, given: number) =>
    `the connector ${type} makes a visual token of each of the ${patches} of a ${px}-px picture with patches of 14 px, not ${given}: ` +
    `write ${patches.split(' ')[0]}, or leave connector.tokens out`;

  test('takes no other number, told where it stands', () => {
    expect(faults('base:\n  connector:\n    type: linear\n    tokens: 144\n')).toEqual([
      `5:13: ${message('linear', '576 patches (24 x 24)', 336, 144)}`,
    ]);
    expect(faults('base: {connector: {type: mlp}}\naxes:\n  connector.tokens: [576, 64]\n')).toEqual([
      `4:27: ${message('mlp', '576 patches (24 x 24)', 336, 64)}`,
    ]);
    expect(faults('base: {connector: {tokens: 144}}\naxes: {connector.type: [resampler, linear]}\n')).toEqual([
      `3:36: ${message('linear', '576 patches (24 x 24)', 336, 144)}`,
    ]);
  });

  test('more tokens than patches are one fault, not two', () => {
    expect(faults('base: {connector: {type: mlp, tokens: 1024}}\n')).toEqual([
      `2:39: ${message('mlp', '576 patches (24 x 24)', 336, 1024)}`,
    ]);
  });

  test('a resolution that fits no patch is told, and nothing about tokens', () => {
    expect(faults('base: {connector: {type: linear}, encoder: {resolution: 5}}\n')).toEqual([
      '2:57: a resolution of 5 px is no multiple of the patch of 14 px; the nearest: 14',
    ]);
  });

  test('an absurd resolution is a fault of the grid, not of the program', () => {
    const text = 'base: {connector: {type: linear}, encoder: {resolution: 9007199254740991, patch: 1}}\n';
    expect(faults(text)).toHaveLength(1);
  });
});

test.each(['resampler', 'pixel-shuffle', 'attention-pool'])('%s takes any square up to the patches', (type) => {
  const text = `base: {connector: {type: ${type}}}\naxes: {connector.tokens: [1, 64, 100, 576]}\n`;
  expect(connectors(text).map(([, tokens]) => tokens)).toEqual([1, 64, 100, 576]);
  expect(faults(text.replace('576', '625'))).toHaveLength(1);
});
