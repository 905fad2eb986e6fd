import { spawnSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CONNECTOR_TYPES, ENCODER_MODELS, SCALE_NAMES } from '../../src/config/recipe.js';
import type { ScaleModels } from '../../src/plan/models.js';
import { type BuiltPackage, buildPackage } from '../built-package.js';

let built: BuiltPackage;

/** The command line as a person runs it: compiled, in a process of its own, without any engine. */
function models(...args: string[]) {
  return spawnSync(process.execPath, [built.cli, 'models', ...args], { encoding: 'utf8' });
}

function json(...args: string[]): ScaleModels[] {
  const { status, stdout, stderr } = models('--json', ...args);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  return JSON.parse(stdout) as ScaleModels[];
}

beforeAll(() => {
  built = buildPackage('none');
});

afterAll(() => built.remove());

describe('mm1 models', () => {
  it('prints every name at every scale on lines of at most 100 columns', () => {
    const { status, stdout, stderr } = models();
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).not.toContain('\u001b');
    expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(100);
    for (const scale of SCALE_NAMES) expect(stdout).toMatch(new RegExp(`^${scale}: `, 'm'));
    for (const name of [...ENCODER_MODELS, ...CONNECTOR_TYPES, 'dense']) {
      expect(stdout.match(new RegExp(`^ +${name} +\\d`, 'gm')), name).toHaveLength(SCALE_NAMES.length);
    }
    // MM1 has no mixture of experts at 30b.
    expect(stdout.match(/^ +moe +\d/gm)).toHaveLength(SCALE_NAMES.length - 1);
    expect(stdout).toMatch(/built-in tokenizer:\s2,048 entries/);
  });

  it("prints one scale alone, the paper's numbers among them", () => {
    const { stdout } = models('--scale', '3b');
    expect(stdout.match(/^\S+: pictures of/gm)).toEqual(['3b: pictures of']);
    expect(stdout).toMatch(/^ {2}vit-l +1024 +24 +16 +304M +576 +382G +1\.21 GB +4\.86 GB$/m);
    expect(stdout).toMatch(/^ {2}dense +3072 +26 +24 +2\.95B +2\.94B +2\.94B +4096 +7\.21G +11\.8 GB +47\.2 GB$/m);
    expect(stdout).toMatch(/^ {2}moe +3072 +26 +24 +64\.8B +64\.8B +3\.93B +4096/m);
  });

  it('prints exact numbers as JSON', () => {
    const [nano, ...others] = json('--scale', 'nano');
    expect(others).toEqual([]);
    expect(nano).toMatchObject({ scale: 'nano', resolution: 336, tokens: 144, sequence: 208, vocabulary: 2048 });
    const dense = nano!.decoders.find(({ name }) => name === 'dense')!;
    expect(dense).toMatchObject({
      parameters: 865_152,
      nonEmbeddingParameters: 603_008,
      activeParameters: 603_008,
      memory: { weights: 4 * 865_152, training: 16 * 865_152 },
    });
    expect(Object.keys(dense.flopsPerToken)).toContain('attention scores');
    const [vit] = nano!.encoders;
    expect(vit).toMatchObject({ name: 'vit-b', patches: 576, width: 56 });
    expect(vit!.flopsPerPicture['patch projection']).toBe(2 * 576 * 588 * 56);
    // What keeps every patch has as many tokens as patches.
    expect(Object.fromEntries(nano!.connectors.map(({ name, tokens }) => [name, tokens]))).toMatchObject({
      'average-pool': 144,
      linear: 576,
      mlp: 576,
    });
  });

  it('counts at another resolution and another number of tokens', () => {
    const [usual] = json('--scale', '3b');
    const [other] = json('--scale', '3b', '--resolution', '378', '--tokens', '64');
    expect(other!.encoders[0]!.patches).toBe(27 * 27);
    const more = other!.encoders[1]!.parameters - usual!.encoders[1]!.parameters;
    expect(more).toBe((27 * 27 - 24 * 24) * 1024);
    expect(other!.connectors[0]).toMatchObject({ patches: 729, tokens: 64 });
    // AIM's positions are computed, so that its size is the same.
    expect(other!.encoders[3]!.parameters).toBe(usual!.encoders[3]!.parameters);
  });

  it.each([
    ['a scale that does not exist', ['--scale', 'nanoo'], 'did you mean "nano"?'],
    ['a scale like no other', ['--scale', 'gigantic'], 'valid: smoke, nano'],
    ['a resolution that patches do not fill', ['--resolution', '337'], '336, 350'],
    ['a resolution that is no number', ['--resolution', 'large'], '--resolution'],
    ['tokens that are no square', ['--tokens', '145'], 'no square'],
    ['more tokens than patches', ['--tokens', '1024'], '576 patches'],
    ['no tokens', ['--tokens', '0'], '--tokens'],
    ['an unknown option', ['--scal', 'nano'], '--scale'],
  ])('refuses %s', (_, args, hint) => {
    const { status, stdout, stderr } = models(...args);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toContain('E_USAGE');
    expect(stderr).toContain(hint);
    expect(stderr).not.toContain('    at ');
  });
});
