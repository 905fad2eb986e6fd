import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { openEngine } from '../../src/engine/index.js';
import {
  type ClipConfig,
  clip,
  clipSpecs,
  contrastiveLoss,
  type TextConfig,
  textTransformer,
} from '../../src/model/clip.js';
import { loadClip, loadVisionTower } from '../../src/model/huggingface/index.js';
import { interpolatePositions } from '../../src/model/huggingface/interpolate-positions.js';
import { activate, linear } from '../../src/model/layers/index.js';
import { initialise, type Parameters } from '../../src/model/parameters.js';
import { patchCount, visionTransformer } from '../../src/model/vision-transformer.js';
import { readHeader } from '../../src/store/safetensors.js';
import { cases, expectGradients, largestDifference, readCase, readTensors, tolerance } from './golden.js';
import { CLIP, clipWeights } from './huggingface/models.js';

beforeAll(async () => {
  await openEngine();
});

type Tensors = Record<string, tf.Tensor>;

const PREFIX = 'vision_model.';
const OUTPUT = tolerance(2e-5, 1e-4);
const LOGITS = tolerance(2e-5, 2e-4);
const LOSS = { loss: tolerance(5e-6, 2e-5), relative: tolerance(5e-5, 5e-4) };
const GLOBAL = tolerance(5e-5, 1e-4);

/** [batch, 3, height, width] -> [batch, patches, 3 x patch x patch] */
function patchesOf(pixels: tf.Tensor, patch: number): tf.Tensor3D {
  const [batch, channels, side] = pixels.shape as [number, number, number];
  const grid = Math.floor(side / patch);
  const seen = tf.slice(pixels, [0, 0, 0, 0], [batch, channels, grid * patch, grid * patch]);
  const split = tf.reshape(seen, [batch, channels, grid, patch, grid, patch]);
  return tf.reshape(tf.transpose(split, [0, 2, 4, 1, 3, 5]), [batch, grid * grid, channels * patch * patch]);
}

/** Where transformers reads a text: at its first end of text; an end of 2 stands for the highest id, a fault of early checkpoints. */
async function endsOf(ids: tf.Tensor2D, eos: number | readonly number[] | null): Promise<tf.Tensor1D> {
  const ends = (await ids.array()).map((row) => row.indexOf(eos === 2 ? Math.max(...row) : (eos as number)));
  return tf.tensor1d(ends, 'int32');
}

/** Compares what a case holds, and says whether it held it. */
function checker(io: Tensors) {
  return async (name: string, actual: () => tf.Tensor, limit = OUTPUT): Promise<boolean> => {
    const expected = io[name];
    if (!expected) return false;
    expect(await largestDifference(actual(), expected), name).toBeLessThanOrEqual(limit);
    return true;
  };
}

/** Norm of the gradients of all weights, and of the patches. */
async function gradientNorms(
  f: (parameters: Parameters, patches: tf.Tensor3D) => tf.Scalar,
  weights: Tensors,
  patches: tf.Tensor,
) {
  const names = Object.keys(weights);
  const gradients = tf.grads((...tensors: tf.Tensor[]) =>
    f(Object.fromEntries(names.map((name, i) => [name, tensors[i]!])), tensors[names.length] as tf.Tensor3D),
  )([...names.map((name) => weights[name]!), patches]);
  const squares = await Promise.all(gradients.map(async (g) => (await tf.sum(tf.square(g)).data())[0]!));
  return { pixels: Math.sqrt(squares.pop()!), all: Math.sqrt(squares.reduce((a, b) => a + b)) };
}

function expectNorm(actual: number, expected: number | undefined, name: string): void {
  if (expected !== undefined) expect(Math.abs(actual / expected - 1), name).toBeLessThanOrEqual(GLOBAL);
}

const folders = cases('clip-vit');
const holds = (name: string) =>
  folders.filter((folder) => readHeader(join(folder, 'io.safetensors')).tensors.has(name));

it('every case is of a vision tower or of both towers', () => {
  expect([...holds('last_hidden_state'), ...holds('logits_per_image')].sort()).toEqual([...folders].sort());
});

describe.each(holds('last_hidden_state'))('vision tower equals CLIPVisionModel: %s', (folder) => {
  it('hidden states, pooled output, loss and gradients', async () => {
    const { loss } = readCase(folder);
    const io = readTensors(join(folder, 'io.safetensors'));
    const pixels = io.pixel_values!;
    const { config, parameters } = loadVisionTower(folder, { resolution: pixels.shape[2]! });
    const patches = patchesOf(pixels, config.patch_size);
    const { hiddenStates, pooled } = visionTransformer(parameters, PREFIX, config, patches);
    expect(hiddenStates).toHaveLength(config.num_hidden_layers + 1);
    const check = checker(io);
    for (const [i, x] of hiddenStates.entries()) await check(`hidden_states.${i}`, () => x);
    expect(await check('last_hidden_state', () => hiddenStates.at(-1)!)).toBe(true);
    await check('pooler_output', () => pooled);

    if (!loss) return;
    const meanSquare = (p: Parameters, prefix: string, x: tf.Tensor3D) => {
      const output = visionTransformer(p, prefix, config, x);
      const last = output.hiddenStates.at(-1)!;
      return tf.add(tf.mean(tf.square(last)), tf.mean(tf.square(output.pooled))) as tf.Scalar;
    };
    const trained = loadVisionTower(folder);
    // The case names its gradients as its file names the weights.
    const prefix = Object.keys(loss.grads_fp64).some((name) => name.startsWith(PREFIX)) ? PREFIX : '';
    const named = Object.fromEntries(
      Object.entries(trained.parameters).map(([name, tensor]) => [prefix + name.slice(PREFIX.length), tensor]),
    );
    const positions = `${prefix}embeddings.position_embedding.weight`;
    const f = (p: Parameters, x: tf.Tensor3D) => {
      const table = interpolatePositions(p[positions] as tf.Tensor2D, Math.sqrt(x.shape[1]));
      const resized = patchCount(config) === patchCount(trained.config) ? p : { ...p, [positions]: table };
      return meanSquare(resized, prefix, x);
    };
    await expectGradients((p) => f(p, patches), named, loss, LOSS);
    const norms = await gradientNorms(f, named, patches);
    expectNorm(norms.all, loss.grad_global_l2_fp64, 'global norm');
    expectNorm(norms.pixels, loss.grad_pixel_values_l2_fp64, 'norm of the pixels');
  });
});

describe.each(holds('logits_per_image'))('CLIP equals CLIPModel: %s', (folder) => {
  it('embeddings, logits, loss and gradients', async () => {
    const { loss } = readCase(folder);
    const io = readTensors(join(folder, 'io.safetensors'));
    const { config, parameters, tokens } = loadClip(folder);
    const ids = io.input_ids as tf.Tensor2D;
    const ends = await endsOf(ids, tokens.eos_token_id);
    const patches = patchesOf(io.pixel_values!, config.vision.patch_size);
    const output = clip(parameters, config, { patches, ids, ends });
    const check = checker(io);
    expect(await check('logits_per_image', () => output.logits, LOGITS)).toBe(true);
    await check('logits_per_text', () => tf.transpose(output.logits), LOGITS);
    await check('image_embeds', () => output.imageEmbeddings);
    await check('text_embeds', () => output.textEmbeddings);

    // Transformers 5 pools after the projection, transformers 4 before it.
    const project = (pooled: tf.Tensor, name: string, expected: tf.Tensor | undefined) =>
      expected?.shape[1] === config.projection_dim ? linear(pooled, parameters[name]!) : pooled;
    const picture = visionTransformer(parameters, PREFIX, config.vision, patches).pooled;
    await check('vision_pooler_output', () => project(picture, 'visual_projection.weight', io.vision_pooler_output));
    const text = textTransformer(parameters, config.text, ids, ends);
    await check('text_pooler_output', () => project(text, 'text_projection.weight', io.text_pooler_output));
    await check('text_last_hidden_state', () => everyToken(parameters, config.text, ids));

    if (!loss) return;
    const f = (p: Parameters, x: tf.Tensor3D) => contrastiveLoss(clip(p, config, { patches: x, ids, ends }).logits);
    await expectGradients((p) => f(p, patches), parameters, loss, LOSS);
    const norms = await gradientNorms(f, parameters, patches);
    expectNorm(norms.all, loss.grad_global_l2_fp64, 'global norm');
    expectNorm(norms.pixels, loss.grad_pixel_values_l2_fp64, 'norm of the pixels');
  });

  it('text that ends early is read at its own end', async () => {
    const { config, parameters } = loadClip(folder);
    const read = (row: number[]) =>
      textTransformer(parameters, config.text, tf.tensor2d([row], [1, row.length], 'int32'), tf.tensor1d([2], 'int32'));
    expect(await largestDifference(read([5, 7, 1, 0, 0]), read([5, 7, 1, 9, 3]))).toBeLessThanOrEqual(1e-6);
  });
});

/** The text tower read at every token: [batch, tokens, width]. */
function everyToken(parameters: Parameters, config: TextConfig, ids: tf.Tensor2D): tf.Tensor {
  const [batch, tokens] = ids.shape;
  const reads = Array.from({ length: tokens }, (_, at) =>
    textTransformer(parameters, config, ids, tf.fill([batch], at, 'int32') as tf.Tensor1D),
  );
  return tf.stack(reads, 1);
}

it('the loss is the mean of both directions', async () => {
  const logits = tf.tensor2d([
    [2, 1],
    [0, 3],
  ]);
  const rows = Math.log(1 + Math.exp(-1)) + Math.log(1 + Math.exp(-3));
  const columns = Math.log(1 + Math.exp(-2)) + Math.log(1 + Math.exp(-2));
  expect((await contrastiveLoss(logits).data())[0]).toBeCloseTo((rows + columns) / 4, 6);
});

it('the temperature starts at 0.07, and the cosines are multiplied by 100 at most', async () => {
  expect(clipSpecs(CLIP).logit_scale!.initial).toEqual({ constant: Math.log(1 / 0.07) });
  const weights = clipWeights();
  const patches = tf.randomNormal([2, 9, 48], 0, 1, 'float32', 1) as tf.Tensor3D;
  const batch = {
    patches,
    ids: tf.tensor2d(
      [
        [1, 12],
        [3, 12],
      ],
      [2, 2],
      'int32',
    ),
    ends: tf.tensor1d([1, 1], 'int32'),
  };
  const { imageEmbeddings, textEmbeddings, logits } = clip({ ...weights, logit_scale: tf.scalar(9) }, CLIP, batch);
  const cosines = tf.matMul(imageEmbeddings, textEmbeddings, false, true);
  expect(await largestDifference(logits, tf.mul(cosines, 100))).toBeLessThanOrEqual(1e-4);
});

describe('every norm has the epsilon of its tower', () => {
  // Far above any variance, so that a norm gives its bias and nothing else.
  const tower = {
    hidden_size: 8,
    intermediate_size: 12,
    num_hidden_layers: 1,
    num_attention_heads: 2,
    hidden_act: 'quick_gelu',
    layer_norm_eps: 1e20,
  } as const;
  const config: ClipConfig = {
    vision: { ...tower, image_size: 4, patch_size: 2, pooling: 'class' },
    text: { ...tower, vocab_size: 9, max_position_embeddings: 5 },
    projection_dim: 4,
  };
  let parameters: Tensors;
  beforeAll(() => {
    const drawn = Object.entries(initialise(clipSpecs(config), 1));
    parameters = Object.fromEntries(
      drawn.map(([name, x], i) => [name, name.endsWith('.bias') ? tf.randomNormal(x.shape, 0, 1, 'float32', i) : x]),
    );
  });
  const bias = (name: string, like: tf.Tensor) => tf.mul(tf.onesLike(like), parameters[`${name}.bias`]!);

  it('of the vision tower, block by block', async () => {
    const patches = tf.randomNormal([2, 4, 12], 0, 1, 'float32', 5) as tf.Tensor3D;
    const { hiddenStates, pooled } = visionTransformer(parameters, PREFIX, config.vision, patches);
    const [first, last] = hiddenStates as [tf.Tensor3D, tf.Tensor3D];
    expect(await largestDifference(first, bias('vision_model.pre_layrnorm', first))).toBeLessThan(1e-6);
    expect(await largestDifference(pooled, bias('vision_model.post_layernorm', pooled))).toBeLessThan(1e-6);

    const layer = 'vision_model.encoder.layers.0.';
    const through = (name: string, x: tf.Tensor) =>
      linear(x, parameters[`${layer}${name}.weight`]!, parameters[`${layer}${name}.bias`]!);
    // All tokens are alike after a norm that gives its bias, so that attention passes their values on.
    const attended = through('self_attn.out_proj', through('self_attn.v_proj', bias(`${layer}layer_norm1`, first)));
    const wide = activate('quick_gelu', through('mlp.fc1', bias(`${layer}layer_norm2`, first)));
    const expected = tf.addN([first, attended, through('mlp.fc2', wide)]);
    expect(await largestDifference(last, expected)).toBeLessThan(1e-5);
  });

  it("of the text tower's end", async () => {
    const ids = tf.tensor2d([[3, 4, 0]], [1, 3], 'int32');
    const text = textTransformer(parameters, config.text, ids, tf.tensor1d([2], 'int32'));
    expect(await largestDifference(text, bias('text_model.final_layer_norm', text))).toBeLessThan(1e-6);
  });
});

it('a rest beyond the last whole patch is not seen', () => {
  expect(patchCount({ image_size: 29, patch_size: 7 })).toBe(16);
  expect(patchCount({ image_size: 28, patch_size: 7 })).toBe(16);
  expect(patchCount({ image_size: 27, patch_size: 7 })).toBe(9);
});
