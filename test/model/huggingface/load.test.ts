import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openEngine } from '../../../src/engine/index.js';
import type { Mm1Error } from '../../../src/errors.js';
import {
  type DecoderConfig,
  decoder,
  decoderSpecs,
  embedTokens,
  vocabularyLogits,
} from '../../../src/model/decoder.js';
import { readClipConfig, readVisionConfig } from '../../../src/model/huggingface/clip-config.js';
import {
  type DecoderCheckpoint,
  loadClip,
  loadDecoder,
  loadVisionTower,
  saveClip,
  saveDecoder,
} from '../../../src/model/huggingface/index.js';
import { causalMask } from '../../../src/model/layers/index.js';
import { initialise } from '../../../src/model/parameters.js';
import { readSafetensors, type StoredTensor, writeSafetensors } from '../../../src/store/safetensors.js';
import { cases, largestDifference, readTensors, tolerance } from '../golden.js';
import { CLIP, clipWeights, TOKENS } from './models.js';

const root = mkdtempSync(join(tmpdir(), 'mm1-huggingface-'));
/** Folders of the models that are changed below, by their configurations. */
const saved = new Map<DecoderConfig, string>();
let savedClip: string;
beforeAll(async () => {
  await openEngine();
  for (const config of [LLAMA, MIXTRAL, TIED, EVEN]) {
    const folder = newFolder();
    await saveDecoder(folder, config, initialise(decoderSpecs(config), 1), FACTS);
    saved.set(config, folder);
  }
  savedClip = newFolder();
  await saveClip(savedClip, CLIP, clipWeights(), TOKENS);
});
afterAll(() => rmSync(root, { recursive: true }));

function logitsOf({ config, parameters }: DecoderCheckpoint, ids: tf.Tensor2D): tf.Tensor {
  const [batch, tokens] = ids.shape;
  const positions = tf.tile(tf.reshape(tf.range(0, tokens), [1, tokens]), [batch, 1]) as tf.Tensor2D;
  const input = { embeddings: embedTokens(parameters, ids), positions, mask: causalMask(tokens) };
  return vocabularyLogits(parameters, config, decoder(parameters, config, input).last);
}

const languageModels = [...cases('llama'), ...cases('moe')].filter((folder) => existsSync(join(folder, 'config.json')));
it.each(languageModels)('a golden language model gives its logits: %s', async (folder) => {
  const io = readTensors(join(folder, 'io.safetensors'));
  const logits = logitsOf(loadDecoder(folder), io.input_ids as tf.Tensor2D);
  expect(await largestDifference(logits, io.logits!)).toBeLessThanOrEqual(tolerance(3e-5, 2e-4));
});

const LLAMA: DecoderConfig = {
  vocab_size: 11,
  hidden_size: 8,
  intermediate_size: 12,
  num_hidden_layers: 2,
  num_attention_heads: 2,
  num_key_value_heads: 1,
  head_dim: 6,
  attention_bias: false,
  mlp_bias: false,
  rms_norm_eps: 1e-5,
  rope_theta: 300,
  tie_word_embeddings: false,
};
const { attention_bias: _, mlp_bias: __, ...shape } = LLAMA;
const MIXTRAL: DecoderConfig = { ...shape, num_local_experts: 3, num_experts_per_tok: 2 };
const TIED: DecoderConfig = { ...LLAMA, tie_word_embeddings: true };
const EVEN: DecoderConfig = { ...LLAMA, num_key_value_heads: 2, head_dim: 4 };
const FACTS = { tokens: TOKENS, max_position_embeddings: 64 };

let made = 0;
function newFolder(): string {
  made += 1;
  const folder = join(root, String(made));
  mkdirSync(folder);
  return folder;
}

function llama(config = LLAMA): string {
  const folder = newFolder();
  cpSync(saved.get(config)!, folder, { recursive: true });
  return folder;
}

function clipFolder(): string {
  const folder = newFolder();
  cpSync(savedClip, folder, { recursive: true });
  return folder;
}

type Json = Record<string, unknown>;

/** Changes config.json; a key that becomes undefined is left out. */
function edit(folder: string, change: (config: Json) => Json): string {
  const file = join(folder, 'config.json');
  writeFileSync(file, JSON.stringify(change(JSON.parse(readFileSync(file, 'utf8')))));
  return folder;
}

/** Changes model.safetensors. */
function rewrite(folder: string, change: (tensors: Map<string, StoredTensor>) => Map<string, StoredTensor>): string {
  const file = join(folder, 'model.safetensors');
  writeSafetensors(file, change(readSafetensors(file)));
  return folder;
}

function faultOf(load: () => unknown): Mm1Error {
  try {
    load();
  } catch (error) {
    expect(error).toMatchObject({ name: 'Mm1Error', code: 'E_CHECKPOINT' });
    return error as Mm1Error;
  }
  throw new Error('nothing was refused');
}

const floats = (...dims: number[]) => ({
  shape: dims,
  values: Float32Array.from({ length: dims.reduce((a, b) => a * b, 1) }, (_, i) => i),
});

/** Both checkpoints hold the same weights, bit for bit. */
async function expectSame(a: Record<string, tf.Tensor>, b: Record<string, tf.Tensor>): Promise<void> {
  expect(Object.keys(a).sort()).toEqual(Object.keys(b).sort());
  for (const [name, tensor] of Object.entries(a)) expect(await b[name]!.data(), name).toEqual(await tensor.data());
}

describe('weights', () => {
  it('in shards are found by their index', async () => {
    const folder = llama();
    const whole = loadDecoder(folder);
    const tensors = [...readSafetensors(join(folder, 'model.safetensors'))];
    const map: Record<string, string> = {};
    [tensors.slice(0, 5), tensors.slice(5)].forEach((shard, i) => {
      const name = `model-0000${i + 1}-of-00002.safetensors`;
      writeSafetensors(join(folder, name), new Map(shard));
      for (const [tensor] of shard) map[tensor] = name;
    });
    rmSync(join(folder, 'model.safetensors'));
    const index = join(folder, 'model.safetensors.index.json');
    writeFileSync(index, JSON.stringify({ metadata: { total_size: 1 }, weight_map: map }));
    await expectSame(loadDecoder(folder).parameters, whole.parameters);

    rmSync(join(folder, 'model-00002-of-00002.safetensors'));
    expect(faultOf(() => loadDecoder(folder)).where).toContain('model-00002-of-00002.safetensors');
    cpSync(join(folder, 'model-00001-of-00002.safetensors'), join(folder, 'model-00002-of-00002.safetensors'));
    expect(faultOf(() => loadDecoder(folder)).message).toContain('model.embed_tokens.weight is in two files');
    writeFileSync(index, JSON.stringify({ weight_map: { a: '../model.safetensors' } }));
    expect(faultOf(() => loadDecoder(folder)).message).toContain('is no safetensors file of this folder');
    writeFileSync(index, '{"weight_map": 3}');
    expect(faultOf(() => loadDecoder(folder)).message).toContain('weight_map');
  });

  it('that are not there are asked for', () => {
    const folder = llama();
    rmSync(join(folder, 'model.safetensors'));
    expect(faultOf(() => loadDecoder(folder)).message).toContain('neither model.safetensors nor');
  });

  it('in halves are read as floats', async () => {
    const folder = llama();
    const file = join(folder, 'model.safetensors');
    const exact = readSafetensors(file);
    const bits = new Map(
      [...exact].map(([name, { shape, values }]) => {
        const whole = new Uint32Array(values.buffer);
        return [name, { shape, values: Uint8Array.from([...whole].flatMap((x) => [(x >>> 16) & 255, x >>> 24])) }];
      }),
    );
    writeBrainFloats(file, bits);
    const { parameters } = loadDecoder(folder);
    for (const [name, { values }] of exact) {
      const cut = Uint32Array.from(new Uint32Array(values.buffer), (x) => x & 0xffff0000);
      expect(await parameters[name]!.data(), name).toEqual(new Float32Array(cut.buffer));
    }
  });

  it('that a model computes itself are left out', async () => {
    const buffers: [string, StoredTensor][] = [
      ['model.layers.0.self_attn.rotary_emb.inv_freq', floats(3)],
      ['model.rotary_emb.inv_freq', floats(3)],
    ];
    const folder = llama();
    const { parameters } = loadDecoder(folder);
    await expectSame(loadDecoder(rewrite(folder, (t) => new Map([...t, ...buffers]))).parameters, parameters);
    const ids: StoredTensor = { shape: [1, 5], values: BigInt64Array.of(0n, 1n, 2n, 3n, 4n) };
    const clip = rewrite(clipFolder(), (t) => t.set('vision_model.embeddings.position_ids', ids));
    expect(Object.keys(loadClip(clip).parameters)).toEqual(Object.keys(clipWeights()));
  });

  it('that are one table twice are read once, and not if they are two', async () => {
    const folder = llama(TIED);
    const { parameters } = loadDecoder(folder);
    rewrite(folder, (t) => t.set('lm_head.weight', t.get('model.embed_tokens.weight')!));
    await expectSame(loadDecoder(folder).parameters, parameters);
    rewrite(folder, (t) => t.set('lm_head.weight', floats(11, 8)));
    expect(faultOf(() => loadDecoder(folder)).message).toContain('not expected: lm_head.weight [11, 8]');
  });

  it('of experts may be fused as in transformers 5', async () => {
    const folder = llama(MIXTRAL);
    const { parameters } = loadDecoder(folder);
    rewrite(folder, (tensors) => {
      const fused = new Map(tensors);
      for (const layer of ['model.layers.0', 'model.layers.1']) {
        const take = (name: string) => {
          const key = `${layer}.block_sparse_moe.${name}.weight`;
          fused.delete(key);
          return tensors.get(key)!;
        };
        fused.set(`${layer}.mlp.gate.weight`, take('gate'));
        const up = [0, 1, 2].flatMap((i) => [...take(`experts.${i}.w1`).values, ...take(`experts.${i}.w3`).values]);
        const down = [0, 1, 2].flatMap((i) => [...take(`experts.${i}.w2`).values]);
        fused.set(`${layer}.mlp.experts.gate_up_proj`, {
          shape: [3, 24, 8],
          values: Float32Array.from(up as number[]),
        });
        fused.set(`${layer}.mlp.experts.down_proj`, { shape: [3, 8, 12], values: Float32Array.from(down as number[]) });
      }
      return fused;
    });
    await expectSame(loadDecoder(folder).parameters, parameters);
  });

  it('that do not fit are listed, with what was expected', () => {
    const folder = rewrite(llama(), (tensors) => {
      tensors.set('model.norm.wieght', tensors.get('model.norm.weight')!);
      tensors.delete('model.norm.weight');
      tensors.set('lm_head.weight', floats(8, 11));
      tensors.set('model.layers.1.input_layernorm.weight', { shape: [8], values: new Int32Array(8) });
      return tensors.set('extra', floats(2));
    });
    const fault = faultOf(() => loadDecoder(folder));
    expect(fault.where).toBe(folder);
    expect(fault.message.split('\n').map((line) => line.trim())).toEqual([
      '5 tensors do not fit config.json',
      'misshaped: lm_head.weight is [8, 11], expected is [11, 8]',
      'no floats: model.layers.1.input_layernorm.weight holds I32',
      'not expected: model.norm.wieght [8]; is it meant to be model.norm.weight?',
      'not expected: extra [2]',
      'missing: model.norm.weight [8]',
    ]);
    const other = faultOf(() => loadDecoder(edit(llama(), (c) => ({ ...c, num_hidden_layers: 4 }))));
    expect(other.message).toContain('18 tensors do not fit');
    expect(other.message.split('\n').at(-1)?.trim()).toBe('missing: 14 more');
    const one = faultOf(() => loadDecoder(rewrite(llama(), (t) => t.set('extra', floats(2)))));
    expect(one.message).toContain('1 tensor does not fit config.json');
  });

  it('are not made a list of where config.json asks for far more than there are', () => {
    const folder = edit(llama(MIXTRAL), (c) => ({ ...c, num_local_experts: 1000 }));
    expect(faultOf(() => loadDecoder(folder)).message).toContain('2 layers of 1000 experts');
  });
});

describe('a vision tower', () => {
  const tower = (change: (tensors: Map<string, StoredTensor>) => Map<string, StoredTensor>) => {
    const vision = (json: Json) => json.vision_config as Json;
    return rewrite(edit(clipFolder(), vision), change);
  };
  const named = (prefix: string) => (tensors: Map<string, StoredTensor>) =>
    new Map(
      [...tensors]
        .filter(([name]) => name.startsWith('vision_model.'))
        .map(([name, tensor]) => [prefix + name.slice('vision_model.'.length), tensor]),
    );

  it('is read with its prefix, without it, and out of a CLIPModel', async () => {
    const whole = loadVisionTower(clipFolder());
    expect(whole.config).toEqual(CLIP.vision);
    expect(whole.parameters['text_projection.weight']).toBeUndefined();
    expect(Object.keys(whole.parameters).every((name) => name.startsWith('vision_model.'))).toBe(true);
    for (const prefix of ['vision_model.', '']) {
      const alone = loadVisionTower(tower(named(prefix)));
      expect(alone.config).toEqual(CLIP.vision);
      await expectSame(alone.parameters, whole.parameters);
    }
  });

  it('sees another resolution with interpolated positions', async () => {
    const folder = clipFolder();
    const { config, parameters } = loadVisionTower(folder, { resolution: 20 });
    expect(config.image_size).toBe(20);
    expect(parameters['vision_model.embeddings.position_embedding.weight']!.shape).toEqual([1 + 5 * 5, 8]);
    // A rest that holds no patch is not seen: the grid, and with it the positions, stay.
    await expectSame(loadVisionTower(folder, { resolution: 15 }).parameters, loadVisionTower(folder).parameters);
    expect(faultOf(() => loadVisionTower(folder, { resolution: 3 })).message).toContain('holds no patch of 4 px');
  });
});

describe('config.json', () => {
  it('of transformers 4 has its rotary base at the top, and may have text_config twice', () => {
    const old = edit(llama(), (c) => ({ ...c, rope_parameters: undefined, rope_theta: 77, rope_scaling: null }));
    expect(loadDecoder(old).config.rope_theta).toBe(77);
    const both = edit(llama(), (c) => ({ ...c, rope_parameters: { rope_type: 'default' }, rope_theta: 78 }));
    expect(loadDecoder(both).config.rope_theta).toBe(78);
    const conflict = edit(both, (c) => ({ ...c, rope_parameters: { rope_theta: 79 } }));
    expect(loadDecoder(conflict).config.rope_theta).toBe(79);
    const twice = edit(clipFolder(), (c) => ({
      ...c,
      text_config_dict: c.text_config,
      text_config: { vocab_size: 3 },
    }));
    expect(loadClip(twice).config).toEqual(CLIP);
  });

  it('that leaves something out means the default of transformers', () => {
    const bare = (folder: string, ...keys: string[]) =>
      edit(folder, (c) => Object.fromEntries(Object.entries(c).filter(([key]) => !keys.includes(key))));
    const rope = ['rope_theta', 'rope_parameters'];
    const plain = bare(llama(EVEN), ...rope, 'rms_norm_eps', 'head_dim', 'num_key_value_heads', 'mlp_bias');
    expect(loadDecoder(plain).config).toEqual({ ...EVEN, rms_norm_eps: 1e-6, rope_theta: 10_000 });
    const mixture = bare(llama(MIXTRAL), ...rope, 'rms_norm_eps', 'num_experts_per_tok', 'max_position_embeddings');
    expect(loadDecoder(mixture)).toMatchObject({
      config: { rms_norm_eps: 1e-5, rope_theta: 1e6, num_experts_per_tok: 2 },
      max_position_embeddings: 131_072,
    });
  });

  it('of CLIP that leaves all out means ViT-B/32', () => {
    const whole = readClipConfig(edit(clipFolder(), () => ({ model_type: 'clip', text_config: null })));
    const shared = { num_hidden_layers: 12, hidden_act: 'quick_gelu', layer_norm_eps: 1e-5 };
    const text = { hidden_size: 512, intermediate_size: 2048, num_attention_heads: 8 };
    const vision = { hidden_size: 768, intermediate_size: 3072, num_attention_heads: 12 };
    const picture = { image_size: 224, patch_size: 32, pooling: 'class' };
    expect(whole).toEqual({
      config: {
        text: { ...shared, ...text, vocab_size: 49_408, max_position_embeddings: 77 },
        vision: { ...shared, ...vision, ...picture },
        projection_dim: 512,
      },
      tokens: { bos_token_id: 49_406, eos_token_id: 49_407, pad_token_id: 1 },
    });
    const tower = readVisionConfig(edit(clipFolder(), () => ({ model_type: 'clip_vision_model' })));
    expect(tower).toEqual(whole.config.vision);
  });

  const decoderCases: [what: string, config: DecoderConfig, change: Json, message: string][] = [
    ['another model', LLAMA, { model_type: 'gpt2' }, 'model_type is gpt2; expected is llama or mixtral'],
    ['no model', LLAMA, { model_type: undefined }, 'model_type'],
    ['another activation', LLAMA, { hidden_act: 'gelu' }, 'hidden_act'],
    ['scaled rotary positions', LLAMA, { rope_scaling: { type: 'linear', factor: 2 } }, 'rope_type is linear'],
    ['llama 3 positions', LLAMA, { rope_parameters: { rope_type: 'llama3' } }, 'rope_type is llama3'],
    ['partial rotary positions', LLAMA, { partial_rotary_factor: 0.5 }, 'partial_rotary_factor'],
    ['heads that do not divide', LLAMA, { num_attention_heads: 3, num_key_value_heads: 2 }, 'no multiple'],
    ['an odd head', LLAMA, { head_dim: 5 }, 'a head is 5 wide'],
    ['a negative width', LLAMA, { hidden_size: -8 }, 'hidden_size'],
    ['10^9 layers', LLAMA, { num_hidden_layers: 1e9 }, 'num_hidden_layers'],
    ['an epsilon of 0', LLAMA, { rms_norm_eps: 0 }, 'rms_norm_eps'],
    ['a sliding window', MIXTRAL, { sliding_window: 63 }, 'sliding_window is 63'],
    ['more choices than experts', MIXTRAL, { num_experts_per_tok: 4 }, 'num_experts_per_tok is 4'],
  ];
  it.each(decoderCases)('that asks for %s is refused', (_what, config, change, message) => {
    const folder = edit(llama(config), (c) => ({ ...c, ...change }));
    const fault = faultOf(() => loadDecoder(folder));
    expect(fault.message).toContain(message);
    expect(fault.where).toBe(join(folder, 'config.json'));
  });

  it('may have a window as long as the sequence', () => {
    const folder = edit(llama(MIXTRAL), (c) => ({ ...c, sliding_window: 64 }));
    expect(loadDecoder(folder).config).toEqual(MIXTRAL);
  });

  const clipCases: [what: string, change: (c: Json) => Json, message: string][] = [
    ['another model', (c) => ({ ...c, model_type: 'siglip' }), 'model_type is siglip'],
    [
      'another activation',
      (c) => ({ ...c, text_config: { ...(c.text_config as Json), hidden_act: 'relu' } }),
      'quick_gelu',
    ],
    [
      'four channels',
      (c) => ({ ...c, vision_config: { ...(c.vision_config as Json), num_channels: 4 } }),
      'num_channels',
    ],
    [
      'odd heads',
      (c) => ({ ...c, vision_config: { ...(c.vision_config as Json), num_attention_heads: 3 } }),
      'multiple',
    ],
    [
      'large patches',
      (c) => ({ ...c, vision_config: { ...(c.vision_config as Json), patch_size: 99 } }),
      'patch_size is',
    ],
  ];
  it.each(clipCases)('of CLIP that asks for %s is refused', (_what, change, message) => {
    expect(faultOf(() => loadClip(edit(clipFolder(), change))).message).toContain(message);
  });

  it('that cannot be read is refused', () => {
    const folder = llama();
    writeFileSync(join(folder, 'config.json'), '{"model_type": "llama", "vocab_size": NaN}');
    expect(faultOf(() => loadDecoder(folder)).message).toContain('config.json cannot be read');
    rmSync(join(folder, 'config.json'));
    expect(faultOf(() => loadDecoder(folder)).message).toContain('config.json cannot be read');
    expect(faultOf(() => loadVisionTower(llama())).message).toContain('expected is clip or clip_vision_model');
  });
});

/** A file of bfloat16 numbers, given as their bytes. */
function writeBrainFloats(
  file: string,
  tensors: ReadonlyMap<string, { shape: readonly number[]; values: Uint8Array }>,
) {
  const header: Json = {};
  let at = 0;
  for (const [name, { shape: dims, values }] of tensors) {
    header[name] = { dtype: 'BF16', shape: dims, data_offsets: [at, at + values.length] };
    at += values.length;
  }
  const json = Buffer.from(JSON.stringify(header));
  const prefix = Buffer.alloc(8);
  prefix.writeBigUInt64LE(BigInt(json.length));
  writeFileSync(file, Buffer.concat([prefix, json, ...[...tensors.values()].map(({ values }) => values)]));
}
