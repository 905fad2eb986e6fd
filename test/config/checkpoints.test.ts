import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { loadGrid } from '../../src/config/load.js';
import type { Plan } from '../../src/config/plan.js';
import { defaultRecipe } from '../../src/config/scales.js';
import { Mm1Error } from '../../src/errors.js';
import { multimodalConfig } from '../../src/model/multimodal-config.js';
import { decoderConfig, visionConfig } from '../../src/model/sizes.js';
import { checkpointReader } from '../../src/plan/checkpoints.js';
import { stageGraph } from '../../src/plan/graph.js';
import { goldenTowers, otherResolution, readConfig, withTokenizer } from '../checkpoints.js';
import { cases } from '../golden-folder.js';

const root = mkdtempSync(join(tmpdir(), 'mm1-checkpoints-'));
afterAll(() => rmSync(root, { recursive: true }));

const [tower] = goldenTowers() as [ReturnType<typeof goldenTowers>[number]];
const [golden] = cases('llama') as [string];
const { vocab_size: vocabulary } = readConfig(golden) as { vocab_size: number };

/** A folder with a grid, a tower beside it in `tower` and a language model in `llama`. */
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(root, 'grid-'));
  cpSync(tower.folder, join(folder, 'tower'), { recursive: true });
  withTokenizer(golden, join(folder, 'llama'));
});

function load(text: string, scale = 'smoke'): Plan {
  const file = join(folder, 'grid.yaml');
  writeFileSync(file, `scale: ${scale}\nseeds: [0]\n${text}`);
  return loadGrid(file, {}, checkpointReader());
}

/** Everything that a grid is told. */
function fault(text: string): string {
  try {
    load(text);
  } catch (error) {
    if (error instanceof Mm1Error && error.code === 'E_GRID') return error.message;
    throw error;
  }
  throw new Error('the grid was accepted');
}

const TOKENS = 'connector: {tokens: 1}';
const ENCODER = `base: {encoder: {checkpoint: tower}, ${TOKENS}}\n`;
const LANGUAGE = 'base: {language_model: {checkpoint: llama}}\n';
const recipe = (plan: Plan) => plan.variants[0]!.recipe;
/** Key of the stage of one kind. */
function key(plan: Plan, kind: string): string {
  return [...stageGraph(plan, 'tensorflow').stages.values()].find((stage) => stage.kind === kind)!.key;
}

describe('a checkpoint in a recipe', () => {
  it('stands for the encoder and all of its training, at its own patch and resolution', () => {
    const plan = load(ENCODER);
    const { encoder } = recipe(plan);
    const resolution = tower.resolution - (tower.resolution % tower.patch);
    expect(encoder).toEqual({ type: 'clip', checkpoint: encoder.checkpoint, patch: tower.patch, resolution });
    expect(plan.checkpoints).toEqual({ [encoder.checkpoint!.sha256]: join(folder, 'tower') });
    const { hidden_size } = encoder.checkpoint!.sizes;
    expect(multimodalConfig(recipe(plan), 7).connector.encoder_hidden_size).toBe(hidden_size);
  });

  it('sees whole patches alone where its pictures have a rest', () => {
    const file = join(folder, 'tower', 'config.json');
    const config = readConfig(tower.folder);
    const vision = (config.vision_config ?? config) as { image_size: number };
    const whole = tower.resolution - (tower.resolution % tower.patch);
    vision.image_size = whole + tower.patch - 1;
    writeFileSync(file, JSON.stringify(config));
    expect(recipe(load(ENCODER)).encoder.resolution).toBe(whole);
  });

  it('has the resolution of the recipe, and all else of its config.json', () => {
    const resolution = otherResolution(tower);
    const plan = load(`base: {encoder: {checkpoint: tower, resolution: ${resolution}}, ${TOKENS}}\n`);
    const own = (readConfig(tower.folder).vision_config ?? readConfig(tower.folder)) as Record<string, unknown>;
    const { hidden_size, num_attention_heads, hidden_act, layer_norm_eps, patch_size } = own;
    expect(visionConfig(recipe(plan))).toMatchObject({
      image_size: resolution,
      pooling: 'class',
      ...{ hidden_size, num_attention_heads, hidden_act, layer_norm_eps, patch_size },
    });
  });

  it('stands for the language model and all of its training, with its own vocabulary', () => {
    const { language_model } = recipe(load(LANGUAGE));
    expect(Object.keys(language_model)).toEqual(['checkpoint']);
    const { hidden_size, rms_norm_eps } = readConfig(golden);
    expect(decoderConfig({ scale: 'smoke', language_model }, 7)).toMatchObject({
      vocab_size: vocabulary,
      hidden_size,
      rms_norm_eps,
    });
  });

  it('is an axis, also against what is trained here, whose settings the base gives', () => {
    const plan = load(
      `base: {encoder: {steps: 5, resolution: ${tower.patch * 2}, patch: ${tower.patch}}, ${TOKENS}}\naxes:\n  encoder.checkpoint: [none, tower]\n`,
    );
    const [trained, loaded] = plan.variants.map((variant) => variant.recipe.encoder);
    expect(trained).toMatchObject({ steps: 5, model: 'vit-l' });
    expect(trained).not.toHaveProperty('checkpoint');
    expect(loaded).toMatchObject({ checkpoint: { sizes: { patch_size: tower.patch } } });
    expect(loaded).not.toHaveProperty('steps');
  });

  it('that is none changes nothing', () => {
    const none = 'base: {encoder: {checkpoint: none}, language_model: {checkpoint: none}}\n';
    expect(recipe(load(none))).toEqual(defaultRecipe('smoke'));
  });

  it('leaves its encoder and its language model to whoever has the same, at any scale and of any corpus', () => {
    const both = `base: {encoder: {checkpoint: tower}, language_model: {checkpoint: llama}, ${TOKENS}`;
    const one = load(`${both}}\n`);
    const other = load(`${both}, data: {concepts: 30}}\n`, 'nano');
    for (const kind of ['encoder', 'language-model']) expect(key(other, kind)).toBe(key(one, kind));
    expect(key(other, 'features')).not.toBe(key(one, 'features'));
    const larger = load(`base: {encoder: {checkpoint: tower, resolution: ${otherResolution(tower)}}, ${TOKENS}}\n`);
    expect(key(larger, 'encoder')).not.toBe(key(one, 'encoder'));
  });
});

/** Changes one number of the weights. */
function touch(file: string): void {
  const bytes = readFileSync(file);
  bytes[bytes.length - 2]! ^= 1;
  writeFileSync(file, bytes);
}

describe('a checkpoint is known by its content', () => {
  const parts = [
    ['encoder', 'tower', ENCODER],
    ['language-model', 'llama', LANGUAGE],
  ] as const;

  it.each(parts)('the same %s in another folder is the same', (kind, name, grid) => {
    const [before, after] = [
      load(grid),
      (() => {
        cpSync(join(folder, name), join(folder, 'elsewhere', 'copy'), { recursive: true });
        return load(grid.replace(name, 'elsewhere/copy'));
      })(),
    ];
    expect(after.hash).toBe(before.hash);
    expect(key(after, kind)).toBe(key(before, kind));
    expect(Object.values(after.checkpoints)).toEqual([join(folder, 'elsewhere', 'copy')]);
  });

  it.each([
    ['encoder', 'tower', ENCODER, 'model.safetensors', touch],
    ['encoder', 'tower', ENCODER, 'config.json', (file: string) => writeFileSync(file, `${readFileSync(file)}\n`)],
    ['language-model', 'llama', LANGUAGE, 'model.safetensors', touch],
    [
      'language-model',
      'llama',
      LANGUAGE,
      'config.json',
      (file: string) => writeFileSync(file, `${readFileSync(file)} `),
    ],
    [
      'language-model',
      'llama',
      LANGUAGE,
      'tokenizer.json',
      (file: string) => writeFileSync(file, `${readFileSync(file)} `),
    ],
  ] as const)('another %s in the same folder is another: %s, %s%s', (kind, name, grid, file, change) => {
    const before = load(grid);
    change(join(folder, name, file));
    const after = load(grid);
    expect(key(after, kind)).not.toBe(key(before, kind));
    expect(after.hash).not.toBe(before.hash);
  });

  it('files that are not read play no part', () => {
    const before = load(ENCODER);
    writeFileSync(join(folder, 'tower', 'README.md'), 'a model\n');
    writeFileSync(join(folder, 'tower', 'tokenizer.json'), '{}\n');
    expect(load(ENCODER).hash).toBe(before.hash);
  });
});

describe('what is wrong with a checkpoint is told at its place', () => {
  it.each([
    [
      'no folder',
      'base: {encoder: {checkpoint: towr}}',
      /grid\.yaml:3:30: encoder\.checkpoint: config\.json cannot be read \(.*towr.config\.json\)/,
    ],
    ['an empty name', 'base: {encoder: {checkpoint: ""}}', /grid\.yaml:3:30: encoder\.checkpoint must be a folder/],
    [
      'a name that a terminal would obey',
      'base: {encoder: {checkpoint: "a\\eb"}}',
      /grid\.yaml:3:30: encoder\.checkpoint must be a folder/,
    ],
    ['a number', 'base: {encoder: {checkpoint: 7}}', /grid\.yaml:3:30: encoder\.checkpoint must be text/],
    [
      'a language model as an encoder',
      'base: {encoder: {checkpoint: llama}}',
      /grid\.yaml:3:30: encoder\.checkpoint: model_type is llama; expected is clip/,
    ],
    [
      'an encoder as a language model',
      'base: {language_model: {checkpoint: tower}}',
      /grid\.yaml:3:37: language_model\.checkpoint: model_type is clip/,
    ],
    [
      'one value of an axis',
      `base: {${TOKENS}}\naxes:\n  encoder.checkpoint: [tower, none, away]`,
      /grid\.yaml:5:37: encoder\.checkpoint: config\.json cannot be read/,
    ],
    [
      'another patch',
      `base: {encoder: {checkpoint: tower, patch: ${tower.patch + 1}, resolution: ${(tower.patch + 1) * 2}}, ${TOKENS}}`,
      new RegExp(
        `grid\\.yaml:3:44: the checkpoint of the encoder has patches of ${tower.patch} px, not ${tower.patch + 1}`,
      ),
    ],
    [
      'steps of no training',
      `base: {encoder: {checkpoint: tower, steps: 4}, ${TOKENS}}`,
      /grid\.yaml:3:44: encoder\.steps is for a part that is trained here/,
    ],
    [
      'a model of no training',
      `base: {encoder: {checkpoint: tower, model: vit-b}, ${TOKENS}}`,
      /grid\.yaml:3:44: encoder\.model is for a part/,
    ],
    [
      'steps of no training in the base of an axis',
      `base: {encoder: {steps: 4}, ${TOKENS}}\naxes: {encoder.checkpoint: [tower]}`,
      /grid\.yaml:4:29: encoder\.steps is for a part/,
    ],
    [
      'steps as an axis',
      `base: {encoder: {checkpoint: tower}, ${TOKENS}}\naxes: {encoder.steps: [4, 5]}`,
      /grid\.yaml:4:24: encoder\.steps is for a part/,
    ],
    [
      'AIM',
      `base: {encoder: {checkpoint: tower, type: aim}, ${TOKENS}}`,
      /grid\.yaml:3:43: encoder\.checkpoint gives a vision tower of CLIP, not of aim/,
    ],
    [
      'experts of no training',
      'base: {language_model: {checkpoint: llama, type: moe}}',
      /grid\.yaml:3:50: language_model\.type is for a part/,
    ],
  ])('%s', (_, text, expected) => {
    expect(fault(`${text}\n`)).toMatch(expected);
    expect(fault(`${text}\n`)).toMatch(/^1 problem |^2 problems /);
  });

  it('the same model twice in an axis', () => {
    cpSync(join(folder, 'tower'), join(folder, 'again'), { recursive: true });
    expect(fault(`base: {${TOKENS}}\naxes: {encoder.checkpoint: [tower, again]}\n`)).toMatch(
      /grid\.yaml:4:36: axis encoder\.checkpoint has the model of "tower" twice/,
    );
  });

  it('one that is cut short, or that config.json does not fit', () => {
    truncateSync(join(folder, 'tower', 'model.safetensors'), 1000);
    expect(fault(ENCODER)).toMatch(/grid\.yaml:3:30: encoder\.checkpoint: .*\(.*model\.safetensors\)/);
    const config = join(folder, 'llama', 'config.json');
    writeFileSync(config, JSON.stringify({ ...readConfig(golden), intermediate_size: 3 }));
    expect(fault(LANGUAGE)).toMatch(/grid\.yaml:3:37: .*not fit config\.json\n[\s\S]*gate_proj\.weight is \[/);
  });

  it('no tokenizer, a broken one, or one of another model', () => {
    const file = join(folder, 'llama', 'tokenizer.json');
    const tokenizer = JSON.parse(readFileSync(file, 'utf8'));
    tokenizer.model.vocab['<beyond>'] = vocabulary;
    writeFileSync(file, JSON.stringify(tokenizer));
    expect(fault(LANGUAGE)).toContain(
      `3:37: language_model.checkpoint: the tokenizer has ${vocabulary + 1} entries, and the model knows ${vocabulary}`,
    );
    writeFileSync(file, '{');
    expect(fault(LANGUAGE)).toMatch(/3:37: language_model\.checkpoint: A tokenizer cannot be read/);
    rmSync(file);
    expect(fault(LANGUAGE)).toMatch(/3:37: language_model\.checkpoint: A tokenizer cannot be read/);
  });

  it('is relative to the grid, and may be absolute', () => {
    mkdirSync(join(folder, 'tower', 'below'));
    expect(load(ENCODER.replace('tower', join(folder, 'tower', 'below', '..'))).hash).toBe(load(ENCODER).hash);
  });
});

it('one that cannot be read is told alone: what it would have said of pictures is not known', () => {
  const text = `base: {encoder: {checkpoint: away, resolution: ${tower.patch + 1}}, ${TOKENS}}\n`;
  expect(fault(text)).toMatch(/^1 problem /);
});
