import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openEngine } from '../../../src/engine/index.js';
import { clipSpecs } from '../../../src/model/clip.js';
import { decoderSpecs } from '../../../src/model/decoder.js';
import {
  loadClip,
  loadDecoder,
  loadVisionTower,
  saveClip,
  saveDecoder,
  saveVisionTower,
} from '../../../src/model/huggingface/index.js';
import { initialise, type Parameters } from '../../../src/model/parameters.js';
import { visionSpecs } from '../../../src/model/vision-transformer.js';
import { readHeader, readSafetensorsMetadata } from '../../../src/store/safetensors.js';
import { cases } from '../golden.js';
import { CLIP, clipWeights, TOKENS } from './models.js';

const root = mkdtempSync(join(tmpdir(), 'mm1-save-'));
beforeAll(async () => {
  await openEngine();
});
afterAll(() => rmSync(root, { recursive: true }));

type Json = Record<string, unknown>;
const readConfig = (folder: string): Json => JSON.parse(readFileSync(join(folder, 'config.json'), 'utf8'));

/** Cases of one type of model that are one file in the layout of the hub. */
function ofType(group: string, type: string): string[] {
  return cases(group).filter((folder) => {
    if (!existsSync(join(folder, 'model.safetensors')) || readConfig(folder).model_type !== type) return false;
    return !shapes(folder).some(([name]) => name.includes('.mlp.experts.'));
  });
}

/** Names and shapes of a folder's file, in the order of the names. */
function shapes(folder: string): [string, readonly number[]][] {
  const { tensors } = readHeader(join(folder, 'model.safetensors'));
  return [...tensors].map(([name, { shape }]): [string, readonly number[]] => [name, shape]).sort();
}

/** What config.json says of the program, of training and of generation. */
const ASIDE =
  /^(transformers_version|use_cache|pretraining_tp|attention_dropout|initializer_.*|logit_scale_init_value|(output_)?router_.*)$/;

/** Our config.json has every key of theirs, and the same sizes. */
function expectConfig(ours: Json, theirs: Json): void {
  for (const [key, value] of Object.entries(theirs)) {
    if (ASIDE.test(key)) {
      expect(ours).not.toHaveProperty(key); // transformers 5 refuses the 0 or 1 that JavaScript writes for a float
      continue;
    }
    expect(ours, key).toHaveProperty(key);
    // transformers repeats its default of 512 in each tower: the projection is CLIPModel's own.
    if (key === 'text_config' || key === 'vision_config') {
      expectConfig(ours[key] as Json, { ...(value as Json), projection_dim: theirs.projection_dim });
    } else if (value !== null && key !== 'sliding_window') {
      expect(ours[key], key).toEqual(value);
    }
  }
}

async function expectSame(a: Parameters, b: Parameters): Promise<void> {
  expect(Object.keys(a)).toEqual(Object.keys(b));
  for (const [name, tensor] of Object.entries(a)) {
    expect(b[name]!.shape).toEqual(tensor.shape);
    expect((await bytes(b[name]!)).equals(await bytes(tensor)), name).toBe(true);
  }
}

async function bytes(tensor: tf.Tensor): Promise<Buffer> {
  const { buffer, byteOffset, byteLength } = (await tensor.data()) as Float32Array;
  return Buffer.from(buffer, byteOffset, byteLength);
}

describe.each([...ofType('llama', 'llama'), ...ofType('moe', 'mixtral')])(
  'a language model of the sizes of %s',
  (golden) => {
    it('has the names, shapes and keys of Hugging Face, and comes back bit for bit', async () => {
      const { config, parameters: _, ...facts } = loadDecoder(golden);
      const parameters = initialise(decoderSpecs(config), 3);
      const folder = mkdtempSync(join(root, 'lm-'));
      await saveDecoder(folder, config, parameters, facts);
      expect(shapes(folder)).toEqual(shapes(golden));
      expectConfig(readConfig(folder), readConfig(golden));
      expect(readSafetensorsMetadata(join(folder, 'model.safetensors'))).toEqual({ format: 'pt' });
      const again = loadDecoder(folder);
      expect(again).toMatchObject({ config, ...facts });
      expect(readConfig(folder).rope_theta, 'where transformers 4 reads it').toBe(config.rope_theta);
      await expectSame(again.parameters, parameters);
    });
  },
);

describe.each(ofType('clip-vit', 'clip'))('a CLIP of the sizes of %s', (golden) => {
  it('has the names, shapes and keys of Hugging Face, and comes back bit for bit', async () => {
    const { config, tokens } = loadClip(golden);
    const parameters = initialise(clipSpecs(config), 3);
    const folder = mkdtempSync(join(root, 'clip-'));
    await saveClip(folder, config, parameters, tokens);
    expect(shapes(folder)).toEqual(shapes(golden));
    expectConfig(readConfig(folder), readConfig(golden));
    expect(readConfig(folder).vision_config).not.toHaveProperty('pooling');
    const again = loadClip(folder);
    expect(again).toMatchObject({ config, tokens });
    await expectSame(again.parameters, parameters);
  });
});

describe('a model that transformers does not have', () => {
  const config = {
    vocab_size: 11,
    hidden_size: 8,
    intermediate_size: 12,
    num_hidden_layers: 3,
    num_attention_heads: 2,
    num_key_value_heads: 1,
    head_dim: 4,
    rms_norm_eps: 1e-5,
    rope_theta: 300,
    tie_word_embeddings: false,
    num_local_experts: 2,
    num_experts_per_tok: 1,
  };
  const facts = { tokens: TOKENS, max_position_embeddings: 64 };

  it('experts in some layers: one more key says which, and comes back', async () => {
    const some = { ...config, decoder_sparse_step: 2 };
    const parameters = initialise(decoderSpecs(some), 3);
    const folder = mkdtempSync(join(root, 'some-'));
    await saveDecoder(folder, some, parameters, facts);
    expect(readConfig(folder)).toMatchObject({ model_type: 'mixtral', decoder_sparse_step: 2 });
    const again = loadDecoder(folder);
    expect(again).toMatchObject({ config: some, ...facts });
    await expectSame(again.parameters, parameters);
  });

  it('the mean of the patches in place of the class token: one more key says so, and comes back', async () => {
    const vision = { ...CLIP.vision, pooling: 'average' as const };
    const parameters = clipWeights();
    const folder = mkdtempSync(join(root, 'average-'));
    await saveClip(folder, { ...CLIP, vision }, parameters, TOKENS);
    expect(readConfig(folder)).toMatchObject({ model_type: 'clip', vision_config: { pooling: 'average' } });
    expect(loadClip(folder).config.vision).toEqual(vision);

    const tower = mkdtempSync(join(root, 'tower-'));
    await saveVisionTower(tower, vision, parameters);
    expect(readConfig(tower)).toMatchObject({ model_type: 'clip_vision_model', pooling: 'average' });
    expect(loadVisionTower(tower).config).toEqual(vision);
  });

  it('experts and biases: refused', async () => {
    const biased = { ...config, attention_bias: true };
    await expect(saveDecoder(root, biased, {}, facts)).rejects.toThrow(
      expect.objectContaining({ code: 'E_CHECKPOINT', message: expect.stringContaining('has no biases') }),
    );
  });
});

describe.each(ofType('clip-vit', 'clip_vision_model'))('a vision tower of the sizes of %s', (golden) => {
  it('has the shapes and keys of Hugging Face, the names of the hub, and comes back bit for bit', async () => {
    const { config } = loadVisionTower(golden);
    const parameters = initialise(visionSpecs('vision_model.', config), 3);
    const folder = mkdtempSync(join(root, 'vision-'));
    await saveVisionTower(folder, config, parameters);
    const named = shapes(golden).map(([name, shape]) => [`vision_model.${name.replace(/^vision_model\./, '')}`, shape]);
    expect(shapes(folder)).toEqual(named.sort());
    const { projection_dim: _, ...theirs } = readConfig(golden); // of another model: CLIPVisionModel projects nothing
    expectConfig(readConfig(folder), theirs);
    const again = loadVisionTower(folder);
    expect(again.config).toEqual(config);
    await expectSame(again.parameters, parameters);
  });
});

it('a folder that cannot be made is named', async () => {
  await expect(saveClip('/dev/null/x', CLIP, clipWeights(), TOKENS)).rejects.toThrow(
    expect.objectContaining({ code: 'E_CHECKPOINT', where: '/dev/null/x' }),
  );
});
