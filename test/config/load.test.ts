import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { loadGrid } from '../../src/config/load.js';
import { SCALE_NAMES } from '../../src/config/recipe.js';
import { checkRules } from '../../src/config/rules.js';
import { defaultEvaluation, defaultRecipe } from '../../src/config/scales.js';
import { recipeSchema } from '../../src/config/schema.js';
import { packageRoot } from '../../src/package-root.js';
import { sourceReader } from '../../src/plan/sources.js';

const folder = mkdtempSync(join(tmpdir(), 'mm1-load-'));
afterAll(() => rmSync(folder, { recursive: true }));

function grid(text: string, name = 'grid.yaml'): string {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
}

describe('configs/connector.yaml', () => {
  const plan = loadGrid(join(packageRoot(), 'configs', 'connector.yaml'), {}, undefined, sourceReader(folder));

  test('is 3 connectors x 2 token counts x 3 resolutions x 3 seeds at nano', () => {
    expect(plan.name).toBe('connector');
    expect(plan.scale).toBe('nano');
    expect(plan.seeds).toEqual([0, 1, 2]);
    const cells = plan.variants.map(({ recipe }) => [
      recipe.connector.type,
      recipe.connector.tokens,
      recipe.encoder.resolution,
    ]);
    const expected = ['average-pool', 'attention-pool', 'c-abstractor'].flatMap((type) =>
      [64, 144].flatMap((tokens) => [224, 336, 378].map((resolution) => [type, tokens, resolution])),
    );
    expect(cells).toEqual(expected);
  });

  test('settings are exactly what each variant differs in', () => {
    expect(plan.variants.map(({ index }) => index)).toEqual(plan.variants.map((_, index) => index));
    expect(plan.variants[4]?.settings).toEqual({
      'connector.type': 'average-pool',
      'connector.tokens': 144,
      'encoder.resolution': 336,
    });
    expect(new Set(plan.variants.map(({ key }) => key)).size).toBe(18);
  });
});

test('configs/smoke.yaml is four variants and one seed at smoke', () => {
  const plan = loadGrid(join(packageRoot(), 'configs', 'smoke.yaml'));
  expect(plan.scale).toBe('smoke');
  expect(plan.variants).toHaveLength(4);
  expect(plan.seeds).toEqual([0]);
});

test.each(SCALE_NAMES)('the defaults of %s are a valid recipe', (scale) => {
  const recipe = defaultRecipe(scale);
  expect(recipeSchema.parse(recipe)).toEqual(recipe);
  expect(checkRules(recipe)).toEqual([]);
});

test('a grid without axes is one variant: the defaults, and the base in their place', () => {
  const text = 'seeds: [3]\nbase: {connector: {tokens: 64}, data: {interleaved: 0}}\n';
  const plan = loadGrid(grid(text, 'single.yaml'));
  const defaults = defaultRecipe('nano');
  expect(plan.name).toBe('single');
  expect(plan.question).toBeNull();
  expect(plan.variants).toHaveLength(1);
  expect(plan.variants[0]?.settings).toEqual({});
  expect(plan.variants[0]?.recipe).toEqual({
    ...defaults,
    connector: { ...defaults.connector, tokens: 64 },
    data: { ...defaults.data, interleaved: 0, interleaved_from: [] },
  });
  expect(plan.evaluation).toEqual(defaultEvaluation('nano'));
  expect(plan.gridText).toBe(text);
});

test('an axis wins over the base', () => {
  const plan = loadGrid(grid('seeds: [0]\nbase: {encoder: {seed: 7}}\naxes: {encoder.seed: [1, 2]}\n'));
  expect(plan.variants.map(({ recipe }) => recipe.encoder.seed)).toEqual([1, 2]);
});

test('aliases, CRLF and a byte order mark are read as YAML means them', () => {
  const plan = loadGrid(grid('\uFEFFseeds: &s [4, 5]\r\naxes:\r\n  encoder.seed: *s\r\n'));
  expect(plan.seeds).toEqual([4, 5]);
  expect(plan.variants.map(({ recipe }) => recipe.encoder.seed)).toEqual([4, 5]);
});

test('a name and a question are folded to one line', () => {
  const plan = loadGrid(grid('seeds: [0]\nname: my grid\nquestion: >\n  Which\n  connector?\n'));
  expect([plan.name, plan.question]).toEqual(['my grid', 'Which connector?']);
});

describe('identity', () => {
  const base = 'seeds: [0, 1]\naxes: {connector.tokens: [64, 144]}\n';

  test("a variant's key is SHA-256 of its recipe as JSON with sorted keys", () => {
    const [variant] = loadGrid(grid(base)).variants;
    const sorted = JSON.stringify(variant?.recipe, (_, value: unknown) =>
      typeof value === 'object' && value !== null && !Array.isArray(value)
        ? Object.fromEntries(Object.entries(value).sort())
        : value,
    );
    expect(variant?.key).toBe(createHash('sha256').update(sorted).digest('hex').slice(0, 12));
  });

  test('comments and the order of keys change nothing', () => {
    const again = loadGrid(grid('# why\naxes:\n  connector.tokens: [64, 144]\nseeds: [0, 1]\nscale: nano\n'));
    expect(again.hash).toBe(loadGrid(grid(base)).hash);
  });

  test.each([
    ['a seed', 'seeds: [0, 2]\naxes: {connector.tokens: [64, 144]}\n'],
    ['a value', 'seeds: [0, 1]\naxes: {connector.tokens: [64, 100]}\n'],
    ['the base', `${base}base: {training: {steps: 999}}\n`],
    ['the scale', `${base}scale: smoke\n`],
    ['the evaluation', `${base}evaluation: {tasks: [emoji-caption]}\n`],
  ])('another value of %s is another plan', (_, text) => {
    expect(loadGrid(grid(text)).hash).not.toBe(loadGrid(grid(base)).hash);
  });

  test('the same variant in another grid has the same key', () => {
    const [, large] = loadGrid(grid(base)).variants;
    expect(loadGrid(grid('seeds: [9]\nbase: {connector: {tokens: 144}}\n')).variants[0]?.key).toBe(large?.key);
  });
});

describe('what a grid says of one scale', () => {
  const text = `seeds: [0]
base: {data: {text: 20}, training: {batch: 3}}
scales:
  smoke: {training: {steps: 70}}
  nano: {training: {steps: 90, batch: 2}, data: {images: 3}}
`;
  const recipe = (overrides: Parameters<typeof loadGrid>[1]) => loadGrid(grid(text), overrides).variants[0]!.recipe;

  test('counts at that scale, over what it says of all', () => {
    expect(recipe({})).toMatchObject({ data: { text: 20, images: 3 }, training: { steps: 90, batch: 2 } });
    expect(recipe({ scale: 'smoke' })).toMatchObject({ data: { images: 2 }, training: { steps: 70, batch: 3 } });
    expect(recipe({ scale: 'micro' })).toMatchObject({ data: { images: 8 }, training: { steps: 2000, batch: 3 } });
    expect(recipe({ set: ['training.steps=40'] }).training).toMatchObject({ steps: 40, batch: 2 });
  });

  test('is the same plan as if it were said of all', () => {
    const one = loadGrid(grid('seeds: [0]\nscales: {nano: {training: {steps: 90}}}\n'));
    expect(one.hash).toBe(loadGrid(grid('seeds: [0]\nbase: {training: {steps: 90}}\n')).hash);
  });

  test('is checked at every scale, each fault once and at its place', () => {
    const wrong =
      'seeds: [0]\nscales:\n  nano: {training: {steps: 0}}\n  smoke: {training: {batches: 2}}\n  tiny: {}\n';
    const message = (() => {
      try {
        loadGrid(grid(wrong));
      } catch (error) {
        return String(error);
      }
    })();
    expect(message).toContain('3 problems');
    expect(message).toMatch(/:3:28: .*training.steps must be greater than 0/);
    expect(message).toMatch(/:4:22: .*unknown key "batches": did you mean "batch"/);
    expect(message).toMatch(/:5:3: .*"tiny"/);
  });
});

test("an encoder's seed may be the trial's, and no other word", () => {
  const plan = loadGrid(
    grid('seeds: [0, 1]\nbase: {language_model: {seed: trial}}\naxes: {encoder.seed: [0, trial]}\n'),
  );
  expect(plan.variants.map(({ recipe }) => recipe.encoder.seed)).toEqual([0, 'trial']);
  expect(plan.variants[0]?.recipe.language_model.seed).toBe('trial');
  expect(() => loadGrid(grid('seeds: [0]\nbase: {encoder: {seed: trail}}\n'))).toThrow(
    'encoder.seed must be a seed, or trial',
  );
});

test('--scale and --seeds take the place of what the file says', () => {
  const plan = loadGrid(grid('seeds: [0, 1]\nscale: nano\n'), { scale: 'smoke', seeds: [5] });
  expect(plan.seeds).toEqual([5]);
  expect(plan.scale).toBe('smoke');
  expect(plan.variants[0]?.recipe).toEqual(defaultRecipe('smoke'));
});

test('a plan is frozen through and through', () => {
  const plan = loadGrid(grid('seeds: [0]\naxes: {connector.tokens: [64]}\n'));
  const unfrozen = (value: unknown): boolean =>
    typeof value === 'object' && value !== null && (!Object.isFrozen(value) || Object.values(value).some(unfrozen));
  expect(unfrozen(plan)).toBe(false);
});

test('10,000 variants are expanded', () => {
  const numbers = Array.from({ length: 100 }, (_, index) => index).join(', ');
  const file = grid(`seeds: [0]\naxes:\n  encoder.seed: [${numbers}]\n  language_model.seed: [${numbers}]\n`);
  expect(new Set(loadGrid(file).variants.map(({ key }) => key)).size).toBe(10_000);
});
