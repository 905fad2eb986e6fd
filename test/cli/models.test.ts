import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CONNECTOR_TYPES, ENCODER_MODELS, SCALE_NAMES } from '../../src/config/recipe.js';
import { clipSpecs } from '../../src/model/clip.js';
import { decoderSpecs } from '../../src/model/decoder.js';
import type { ParameterSpecs } from '../../src/model/parameters.js';
import type { CheckpointModel, ScaleModels } from '../../src/plan/models.js';
import { readHeader } from '../../src/store/safetensors.js';
import { type BuiltPackage, buildPackage } from '../built-package.js';
import { readConfig } from '../checkpoints.js';
import { cases } from '../golden-folder.js';

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
    expect(stdout).toMatch(/built-in tokenizer:\s4,096 entries/);
  });

  it("prints one scale alone, the paper's numbers among them", () => {
    const { stdout } = models('--scale', '3b');
    expect(stdout.match(/^\S+: pictures of/gm)).toEqual(['3b: pictures of']);
    expect(stdout).toMatch(/^ {2}vit-l +1024 +24 +16 +304M +576 +382G +1\.21 GB +4\.86 GB$/m);
    expect(stdout).toMatch(/^ {2}dense +3072 +26 +24 +2\.96B +2\.94B +2\.94B +4096 +7\.22G +11\.8 GB +47\.3 GB$/m);
    expect(stdout).toMatch(/^ {2}moe +3072 +26 +24 +64\.8B +64\.8B +3\.93B +4096/m);
  });

  it('prints exact numbers as JSON', () => {
    const [nano, ...others] = json('--scale', 'nano');
    expect(others).toEqual([]);
    expect(nano).toMatchObject({ scale: 'nano', resolution: 336, tokens: 144, sequence: 992, vocabulary: 4096 });
    const dense = nano!.decoders.find(({ name }) => name === 'dense')!;
    expect(dense).toMatchObject({
      parameters: 1_127_296,
      nonEmbeddingParameters: 603_008,
      activeParameters: 603_008,
      memory: { weights: 4 * 1_127_296, training: 16 * 1_127_296 },
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
    ['sizes for a model that has its own', ['away', '--tokens', '64'], 'its own sizes'],
  ])('refuses %s', (_, args, hint) => {
    const { status, stdout, stderr } = models(...args);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toContain('E_USAGE');
    expect(stderr).toContain(hint);
    expect(stderr).not.toContain('    at ');
  });
});

describe('mm1 models <folder>', () => {
  const root = mkdtempSync(join(tmpdir(), 'mm1-models-'));
  afterAll(() => rmSync(root, { recursive: true }));

  const published = (folder: string) => {
    const { status, stdout, stderr } = models(folder, '--json');
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    return JSON.parse(stdout) as CheckpointModel;
  };
  /** Scalars of a folder's weights, by the header: without buffers, and a table that is shared once. */
  const scalars = (folder: string) => {
    const aside = readConfig(folder).tie_word_embeddings ? /position_ids|inv_freq|lm_head/ : /position_ids|inv_freq/;
    return [...readHeader(join(folder, 'model.safetensors')).tensors].reduce(
      (sum, [name, { shape }]) => (aside.test(name) ? sum : sum + shape.reduce((a, b) => a * b, 1)),
      0,
    );
  };

  it.each([...cases('clip-vit'), ...cases('llama')])('says what %s is', (folder) => {
    const config = readConfig(folder) as { architectures: string[]; vision_config?: object };
    const model = published(folder);
    expect(model.architecture).toBe(config.architectures[0]);
    expect(model.parameters).toBe(scalars(folder));
    const { max_position_embeddings: longest } = readConfig(folder) as { max_position_embeddings?: number };
    if (longest !== undefined) expect(model.parts[0]!.tokens).toBe(Math.min(4096, longest));
    for (const { flops, memory, parameters } of model.parts) {
      expect(Math.min(...Object.values(flops))).toBeGreaterThanOrEqual(0);
      expect(memory).toEqual({ weights: 4 * parameters, training: 16 * parameters });
    }
    const { stdout } = models(folder);
    expect(stdout).toMatch(new RegExp(`^${config.architectures[0]}: .* parameters\\n`));
    expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(100);
    for (const part of model.parts) expect(stdout).toMatch(new RegExp(`^${part.name} `, 'm'));
  });

  const CLIP = {
    model_type: 'clip',
    projection_dim: 3,
    text_config: {
      ...{ vocab_size: 9, hidden_size: 4, intermediate_size: 6, max_position_embeddings: 5 },
      ...{ num_hidden_layers: 3, num_attention_heads: 2 },
    },
    vision_config: {
      ...{ hidden_size: 8, intermediate_size: 10, image_size: 6, patch_size: 2 },
      ...{ num_hidden_layers: 2, num_attention_heads: 2 },
    },
  };

  /** A checkpoint whose numbers are a hole in the disk. */
  function hollow(config: object, specs: ParameterSpecs): string {
    const folder = mkdtempSync(join(root, 'hollow-'));
    const header: Record<string, unknown> = {};
    let at = 0;
    for (const [name, { shape }] of Object.entries(specs)) {
      const bytes = 2 * shape.reduce((a, b) => a * b, 1);
      header[name] = { dtype: 'BF16', shape, data_offsets: [at, at + bytes] };
      at += bytes;
    }
    const json = Buffer.from(JSON.stringify(header));
    const prefix = Buffer.alloc(8);
    prefix.writeBigUInt64LE(BigInt(json.length));
    const file = join(folder, 'model.safetensors');
    writeFileSync(file, Buffer.concat([prefix, json]));
    truncateSync(file, 8 + json.length + at);
    writeFileSync(join(folder, 'config.json'), JSON.stringify(config));
    return folder;
  }

  const clipSizes = {
    text: { ...CLIP.text_config, hidden_act: 'gelu', layer_norm_eps: 1 },
    vision: { ...CLIP.vision_config, hidden_act: 'gelu', layer_norm_eps: 1, pooling: 'class' },
    projection_dim: 3,
  } as const;

  it('counts the parts of a CLIP, and the products of each', () => {
    const { parts, sizes } = published(hollow(CLIP, clipSpecs(clipSizes)));
    expect(sizes).toMatchObject({ 'vision.patch_size': 2, 'text.vocab_size': 9, projection_dim: 3 });
    const [vision, text, projections] = parts;
    expect(vision).toMatchObject({ name: 'vision tower', stack: { width: 8, layers: 2, heads: 2 }, tokens: 9 });
    expect(text).toMatchObject({ name: 'text tower', stack: { width: 4, layers: 3, heads: 2 }, tokens: 5 });
    expect(text!.flops).toEqual({
      'attention projections': 3 * 5 * 2 * 4 * 4 * 4,
      'attention scores': 3 * 4 * 5 * 5 * 4,
      mlp: 3 * 5 * 2 * 2 * 4 * 6,
    });
    expect(projections).toMatchObject({
      stack: null,
      parameters: 3 * 4 + 3 * 8 + 1,
      tokens: null,
      flops: { projections: 2 * 3 * (4 + 8) },
    });
  });

  it('reads no weight: a language model of 30B takes no longer than its header', () => {
    const sizes = {
      ...{ vocab_size: 32_000, hidden_size: 7168, intermediate_size: 19_456, num_hidden_layers: 48 },
      ...{ num_attention_heads: 56, num_key_value_heads: 56, rms_norm_eps: 1e-5, rope_theta: 10_000 },
      tie_word_embeddings: false,
    };
    const folder = hollow({ ...sizes, model_type: 'llama', max_position_embeddings: 8192 }, decoderSpecs(sizes));
    const started = performance.now();
    const model = published(folder);
    expect(performance.now() - started).toBeLessThan(10_000);
    expect(model.parameters).toBeGreaterThan(30e9);
    expect(model.parts[0]).toMatchObject({ name: 'decoder', tokens: 4096 });
  });

  it("refuses what does not fit, in the loader's own words", () => {
    const specs = clipSpecs(clipSizes);
    const { logit_scale: _, ...fewer } = specs;
    const cases: [string, RegExp][] = [
      [hollow(CLIP, fewer), /1 tensor does not fit config\.json\n +missing: logit_scale/],
      [
        hollow({ ...CLIP, projection_dim: 4 }, specs),
        /misshaped: text_projection\.weight is \[3, 4\], expected is \[4, 4\]/,
      ],
      [
        hollow({ model_type: 'bert' }, specs),
        /model_type is bert; read here are clip, clip_vision_model, llama, mixtral/,
      ],
      [join(root, 'away'), /config\.json cannot be read/],
    ];
    for (const [folder, message] of cases) {
      const { status, stdout, stderr } = models(folder);
      expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
      expect(stderr).toMatch(/^E_CHECKPOINT: /);
      expect(stderr).toMatch(message);
      expect(stderr).not.toContain('    at ');
    }
  });
});
