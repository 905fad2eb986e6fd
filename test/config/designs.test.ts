import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { loadGrid, type Overrides } from '../../src/config/load.js';
import type { Plan } from '../../src/config/plan.js';
import { Mm1Error } from '../../src/errors.js';

const folder = mkdtempSync(join(tmpdir(), 'mm1-designs-'));
const file = join(folder, 'grid.yaml');
afterAll(() => rmSync(folder, { recursive: true }));

function load(text: string, overrides?: Overrides): Plan {
  writeFileSync(file, `seeds: [0]\n${text}`);
  return loadGrid(file, overrides);
}
const settings = (text: string, overrides?: Overrides) => load(text, overrides).variants.map((each) => each.settings);

/** All problems, without the grid's own name. */
function problems(text: string, overrides?: Overrides): string[] {
  try {
    load(text, overrides);
  } catch (error) {
    if (!(error instanceof Mm1Error)) throw error;
    const lines = error.message.split('\n').slice(1);
    return lines.filter((line) => /^(\/.*:\d+:\d+|--\w+ .*): /.test(line)).map((line) => line.replace(`${file}:`, ''));
  }
  throw new Error('the grid was accepted');
}

const THREE = `axes:
  connector.type: [average-pool, attention-pool, c-abstractor]
  connector.tokens: [64, 144]
  encoder.resolution: [224, 336, 378]
`;

describe('one-at-a-time', () => {
  it('is the base, and each other value of each axis beside it', () => {
    const { variants, axes, design } = load(`design: one-at-a-time\nbase: {connector: {tokens: 64}}\n${THREE}`);
    expect(design).toEqual({ kind: 'one-at-a-time' });
    const cells = variants.map(({ recipe }) => [
      recipe.connector.type,
      recipe.connector.tokens,
      recipe.encoder.resolution,
    ]);
    expect(cells).toEqual([
      ['c-abstractor', 64, 336],
      ['average-pool', 64, 336],
      ['attention-pool', 64, 336],
      ['c-abstractor', 144, 336],
      ['c-abstractor', 64, 224],
      ['c-abstractor', 64, 378],
    ]);
    expect(axes.map(({ values }) => values.length)).toEqual([3, 2, 3]);
  });

  it("starts at the base where an axis does not list the base's own value, which it then gains", () => {
    const { variants, axes } = load('design: one-at-a-time\naxes: {connector.tokens: [16, 64]}');
    expect(axes[0]!.values).toEqual([144, 16, 64]);
    expect(variants.map(({ recipe }) => recipe.connector.tokens)).toEqual([144, 16, 64]);
  });
});

describe('fraction', () => {
  const LEVELS: Readonly<Record<string, string>> = {
    'connector.type': '[average-pool, c-abstractor]',
    'connector.tokens': '[64, 144]',
    'encoder.resolution': '[224, 336]',
    'training.schedule': '[cosine, linear]',
    'training.clip': '[1, 2]',
    'training.warmup': '[10, 20]',
  };
  const of = (count: number, extra = '') =>
    load(
      `design: fraction\n${extra}axes:\n${Object.entries(LEVELS)
        .slice(0, count)
        .map(([path, values]) => `  ${path}: ${values}\n`)
        .join('')}`,
    );

  /** How often each combination of values of some axes comes. */
  function counts({ variants }: Plan, paths: readonly string[]): number[] {
    const found = new Map<string, number>();
    for (const { settings: cell } of variants) {
      const key = paths.map((path) => cell[path]).join();
      found.set(key, (found.get(key) ?? 0) + 1);
    }
    return [...found.values()];
  }

  it('of resolution 4 halves four axes of two values, each three of them balanced', () => {
    const plan = of(4);
    expect(plan.variants).toHaveLength(8);
    const paths = Object.keys(LEVELS).slice(0, 4);
    for (const left of paths)
      expect(
        counts(
          plan,
          paths.filter((path) => path !== left),
        ),
      ).toEqual(Array(8).fill(1));
    const pairs = plan.design.confounded!.map((effects) => effects.map((effect) => effect.join(' x ')));
    expect(pairs).toContainEqual(['connector.type x connector.tokens', 'encoder.resolution x training.schedule']);
    expect(pairs).toHaveLength(3);
  });

  it('of resolution 3 takes three axes of two values in four cells, and says that an effect is mixed with two others', () => {
    const plan = of(3, 'resolution: 3\n');
    expect(plan.variants).toHaveLength(4);
    expect(plan.design.confounded).toContainEqual([['connector.type'], ['connector.tokens', 'encoder.resolution']]);
    expect(plan.design.confounded).toHaveLength(3);
  });

  it('of six axes at resolution 4 is a quarter', () => {
    expect(of(6).variants).toHaveLength(16);
  });

  it('of three axes of three values at resolution 3 is a Latin square', () => {
    const plan = load(
      'design: fraction\nresolution: 3\naxes: {connector.tokens: [16, 64, 144], encoder.resolution: [224, 336, 378], training.warmup: [1, 2, 3]}',
    );
    expect(plan.variants).toHaveLength(9);
    expect(counts(plan, ['connector.tokens', 'encoder.resolution'])).toEqual(Array(9).fill(1));
    expect(counts(plan, ['connector.tokens', 'training.warmup'])).toEqual(Array(9).fill(1));
  });

  it('takes axes of unlike numbers of values: what has no fraction stays whole', () => {
    const plan = load(`design: fraction\nresolution: 3\n${THREE}`);
    expect(plan.variants).toHaveLength(18);
    expect(plan.design.confounded).toEqual([]);
    const four = load(
      'design: fraction\nresolution: 3\naxes: {connector.tokens: [16, 36, 64, 144], training.warmup: [1, 2], encoder.resolution: [224, 336]}',
    );
    expect(four.variants).toHaveLength(8);
    expect(counts(four, ['connector.tokens'])).toEqual([2, 2, 2, 2]);
    expect(counts(four, ['connector.tokens', 'training.warmup'])).toEqual(Array(8).fill(1));
  });
});

describe('axes of several settings', () => {
  it('rows have names, and set what they say', () => {
    const { variants, axes } = load(
      'axes:\n  encoder: {AIM-1B: {encoder.model: aim-1b, encoder.resolution: 224}, ViT-L: {encoder.model: vit-l}}\n  connector.tokens: [64, 144]',
    );
    expect(variants.map(({ settings: cell }) => cell)[0]).toEqual({ encoder: 'AIM-1B', 'connector.tokens': 64 });
    expect(variants.map(({ recipe }) => [recipe.encoder.type, recipe.encoder.resolution])).toEqual([
      ['aim', 224],
      ['aim', 224],
      ['clip', 336],
      ['clip', 336],
    ]);
    expect(axes[0]).toMatchObject({ path: 'encoder', values: ['AIM-1B', 'ViT-L'] });
  });

  it('settings that go together are one axis', () => {
    expect(settings('axes: {"encoder.resolution, connector.tokens": [[224, 64], [336, 144]]}')).toEqual([
      { 'encoder.resolution, connector.tokens': '224, 64' },
      { 'encoder.resolution, connector.tokens': '336, 144' },
    ]);
  });

  it('an axis that counts in some places alone is left out elsewhere', () => {
    const text = `axes:
  language_model.type: [dense, moe]
  language_model.experts: {values: [2, 4], when: {language_model.type: moe}}
`;
    expect(settings(text)).toEqual([
      { 'language_model.type': 'dense' },
      { 'language_model.type': 'moe', 'language_model.experts': 2 },
      { 'language_model.type': 'moe', 'language_model.experts': 4 },
    ]);
  });

  it('variants may be spelled out', () => {
    const { variants } = load(
      'variants: {base: {}, wide: {connector.tokens: 256}, plain: {connector.type: average-pool}}',
    );
    expect(variants.map(({ settings: cell }) => cell.variant)).toEqual(['base', 'wide', 'plain']);
    expect(variants.map(({ recipe }) => recipe.connector.tokens)).toEqual([144, 256, 144]);
    expect(settings('variants: [{connector.tokens: 16}, {connector.tokens: 64}]')).toEqual([
      { variant: '1' },
      { variant: '2' },
    ]);
  });
});

describe('what is left out', () => {
  it('excluded cells, with their reason and their number', () => {
    const plan = load(`${THREE}exclude:
  - {where: {connector.type: average-pool, encoder.resolution: [336, 378]}, reason: known already}
`);
    expect(plan.variants).toHaveLength(14);
    expect(plan.variants.map(({ index }) => index)).toEqual(plan.variants.map((_, i) => i));
    expect(plan.exclusions).toEqual([
      {
        where: { 'connector.type': ['average-pool'], 'encoder.resolution': [336, 378] },
        reason: 'known already',
        cells: 4,
      },
    ]);
  });

  it('a cell that only an exclusion saves from a rule is no fault', () => {
    const text = 'axes: {connector.type: [linear, average-pool], connector.tokens: [64, 576]}\n';
    expect(problems(text)).toHaveLength(1);
    expect(
      load(`${text}exclude: [{where: {connector.type: linear, connector.tokens: 64}, reason: keeps all}]`).variants,
    ).toHaveLength(3);
  });

  it('all but what --only asks for', () => {
    const only = (...typed: string[]) => settings(THREE, { only: typed });
    expect(only('connector.type=c-abstractor')).toHaveLength(6);
    expect(only('connector.type=c-abstractor,average-pool', 'connector.tokens=64')).toHaveLength(6);
    expect(problems(THREE, { only: ['connector.type=c-abstracter'] })).toEqual([
      '--only connector.type=c-abstracter: axis connector.type has no value "c-abstracter": did you mean "c-abstractor"?',
    ]);
    expect(problems(THREE, { only: ['conector.type=mlp'] })[0]).toContain('did you mean "connector.type"?');
  });
});

describe('--set', () => {
  it("takes the place of the grid's own value, and of an axis", () => {
    const { variants } = load(`base: {data: {text: 5}}\n${THREE}`, { set: ['data.text=20', 'connector.tokens=16'] });
    expect(variants).toHaveLength(9);
    expect(variants[0]!.recipe.data.text).toBe(20);
    expect(variants[0]!.recipe.connector.tokens).toBe(16);
    expect(variants[0]!.settings).not.toHaveProperty(['connector.tokens']);
    expect(load('', { set: ['evaluation.items=7', 'training.freeze=[]', 'precision=bf16'] })).toMatchObject({
      evaluation: { items: 7 },
      variants: [{ recipe: { precision: 'bf16', training: { freeze: 'none' } } }],
    });
  });

  it('is told where it is wrong', () => {
    expect(problems('', { set: ['data.txt=20', 'data.text', 'data.text=[', 'connector.tokens=63'] })).toEqual([
      '--set data.txt=20: unknown setting "data.txt": did you mean "data.text"?',
      '--set data.text: must be a setting and its value: data.text=20',
      '--set data.text=[: "[" is no YAML value',
      '--set connector.tokens=63: connector.tokens must be a square, since visual tokens form a square grid; the nearest are 49 and 64; it is 63',
    ]);
  });
});

describe('extends', () => {
  const parent = join(folder, 'parent.yaml');
  it('lays a grid over another: settings one by one, axes and lists whole', () => {
    writeFileSync(parent, `seeds: [0, 1]\nname: parent\nbase: {data: {text: 5, caption: 3}}\n${THREE}`);
    const plan = load(
      'extends: parent.yaml\nbase: {data: {text: 7}}\naxes: {connector.type: [resampler]}\nexclude: []\n',
    );
    expect(plan.name).toBe('grid');
    expect(plan.seeds).toEqual([0]);
    expect(plan.variants[0]!.recipe.data).toMatchObject({ text: 7, caption: 3 });
    expect(plan.axes.map(({ path }) => path)).toEqual(['connector.type', 'connector.tokens', 'encoder.resolution']);
    expect(plan.axes[0]!.values).toEqual(['resampler']);
  });

  it('leaves out an axis of the grid below that it says to be nothing, and no other', () => {
    writeFileSync(parent, `seeds: [0]\n${THREE}`);
    const plan = load('extends: parent.yaml\naxes: {connector.type: ~, training.batch: [2, 4]}\n');
    expect(plan.axes.map(({ path }) => path)).toEqual(['connector.tokens', 'encoder.resolution', 'training.batch']);
    expect(problems('extends: parent.yaml\naxes: {training.batch: ~}\n')[0]).toContain('training.batch');
    expect(problems('extends: parent.yaml\naxes: {pictures: ~}\n')[0]).toContain('unknown setting "pictures"');
  });

  it('is above what the grid below says of one scale', () => {
    writeFileSync(parent, 'seeds: [0]\nscales: {nano: {data: {text: 5, caption: 3}}}\n');
    const plan = load('extends: parent.yaml\nbase: {data: {text: 7}}\n');
    expect(plan.variants[0]!.recipe.data).toMatchObject({ text: 7, caption: 3 });
    expect(problems('extends: parent.yaml\nscales: {nano: {data: {txt: 7}}}\n')[0]).toContain(
      '3:24: unknown key "txt"',
    );
  });

  it('tells what is wrong in the file where it stands', () => {
    writeFileSync(parent, 'base:\n  connector: {tokens: 63}\n');
    const [first] = problems('extends: parent.yaml\n');
    expect(first).toContain(`${parent}:2:23: connector.tokens must be a square`);
    expect(problems('extends: nowhere.yaml\n')[0]).toMatch(/^2:10: extends: the grid cannot be read/);
    expect(problems('extends: grid.yaml\n')[0]).toMatch(/^2:10: extends goes round in a circle/);
    writeFileSync(parent, 'extends: grid.yaml\n');
    expect(problems('extends: parent.yaml\n')[0]).toContain('extends goes round in a circle');
  });
});

describe('faults of axes and designs', () => {
  it.each([
    [
      'axes: {encoder: {a: {encoder.modle: vit-l}}}',
      '2:22: row "a" of axis encoder: unknown setting "encoder.modle": did you mean "encoder.model"?',
    ],
    [
      'axes: {encoder: {a: {encoder.model: vit-x}}}',
      '2:37: encoder.model has the unknown value "vit-x": did you mean "vit-b"?',
    ],
    [
      'axes: {"connector.tokens, encoder.resolution": [[64]]}',
      '2:49: axis connector.tokens, encoder.resolution: every entry is a list of 2 values',
    ],
    [
      'axes: {connector.tokens: [64], mine: {a: {connector.tokens: 16}}}',
      '2:32: connector.tokens is set by two axes: connector.tokens too',
    ],
    ['axes: {mine: {a: {connector.tokens: 144}, b: {}}}', '2:1: two variants have one recipe: mine:a; and mine:b'],
    [
      'axes: {connector.tokens: {values: [16, 64], when: {conector.type: mlp}}}',
      '2:52: when of axis connector.tokens: unknown setting "conector.type"',
    ],
    ['exclude: [{where: {connector.type: mlp}}]', '2:11: exclude, value 1, must be {where:'],
    ['exclude: [{where: {connector.tokens: 144}, reason: all}]', 'the grid has no variant left'],
    ['resolution: 4', '2:13: resolution is of design: fraction'],
    ['design: halves', '2:9: design has the unknown value "halves"'],
    ['variants: 3', '2:11: variants must be a map of names'],
  ])('%s', (text, expected) => {
    expect(problems(text)[0]).toContain(expected);
  });
});
