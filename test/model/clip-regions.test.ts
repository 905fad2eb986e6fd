import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { openEngine } from '../../src/engine/index.js';
import { type ClipConfig, clip, clipSpecs, contrastiveLoss } from '../../src/model/clip.js';
import { clipRegions, type RegionBatch, regionLoss } from '../../src/model/clip-regions.js';
import { initialise } from '../../src/model/parameters.js';
import { patchFeatures, visionBlocks } from '../../src/model/vision-transformer.js';
import { random } from '../../src/random.js';
import { largestDifference, tolerance } from './golden.js';

const TOWER = {
  hidden_size: 8,
  intermediate_size: 16,
  num_hidden_layers: 2,
  num_attention_heads: 2,
  hidden_act: 'quick_gelu' as const,
  layer_norm_eps: 1e-5,
};
const CONFIG: ClipConfig = {
  vision: { ...TOWER, image_size: 16, patch_size: 4, pooling: 'average' },
  text: { ...TOWER, vocab_size: 11, max_position_embeddings: 5 },
  projection_dim: 6,
};
const PICTURES = 3;
const SLOTS = 2;
const KEPT = [1, 2, 6, 7, 9, 14, 15];

let parameters: Record<string, tf.Tensor>;
beforeAll(async () => {
  await openEngine();
  const stream = random(4, 'weights');
  // Nothing is left at 0 or 1, so that a bias or a gain that is dropped shows.
  parameters = Object.fromEntries(
    Object.entries(initialise(clipSpecs(CONFIG), 4)).map(([name, x]) => [
      name,
      tf.add(x, normal(x.shape, stream, 0.2)),
    ]),
  );
});

function normal(shape: number[], stream = random(1, 'normal'), deviation = 1): tf.Tensor {
  const values = Float32Array.from({ length: tf.util.sizeFromShape(shape) }, () => deviation * stream.normal());
  return tf.tensor(values, shape);
}

/** Every slot filled with a phrase of its own and rows of `cover` that sum to 1, where nothing else is asked for. */
function batchOf(given: Partial<RegionBatch> = {}): RegionBatch {
  const slots = PICTURES * SLOTS;
  const shares = tf.abs(normal([PICTURES, SLOTS, KEPT.length], random(2, 'cover')));
  const [rows, tokens] = given.ids?.shape ?? [slots, 5];
  return {
    patches: normal([PICTURES, KEPT.length, 48]) as tf.Tensor3D,
    kept: tf.tensor2d(Array(PICTURES).fill(KEPT), [PICTURES, KEPT.length], 'int32'),
    cover: tf.div(shares, tf.sum(shares, 2, true)),
    filled: tf.ones([slots]),
    names: tf.range(0, slots, 1, 'int32'),
    ids: tf.tensor2d(
      Array.from({ length: rows * tokens }, (_, i) => (i * i + 3 * i) % 11),
      [rows, tokens],
      'int32',
    ),
    ends: tf.fill([rows], tokens - 1, 'int32'),
    ...given,
  };
}

/** The loss of a batch, as a function of the weights. */
const lossOf = (batch: RegionBatch) => (p: Record<string, tf.Tensor>) =>
  regionLoss(clipRegions(p, CONFIG, batch).logits, batch.filled, batch.names);

/** The loss as its description reads, in 64-bit floats. */
function plainLoss(
  logits: readonly (readonly number[])[],
  filled: readonly number[],
  names: readonly number[],
): number {
  const regions = names.flatMap((_, i) => (filled[i] === 1 ? [i] : []));
  const used = new Set(regions.map((i) => names[i]!));
  let total = 0;
  for (const i of regions) {
    const phrase = names[i]!;
    const right = Math.exp(logits[i]![phrase]!);
    let overPhrases = 0;
    for (const t of used) overPhrases += Math.exp(logits[i]![t]!);
    let overRegions = right;
    for (const k of regions) if (names[k] !== phrase) overRegions += Math.exp(logits[k]![phrase]!);
    total -= 0.5 * (Math.log(right / overPhrases) + Math.log(right / overRegions));
  }
  return regions.length === 0 ? 0 : total / regions.length;
}

describe('regionLoss', () => {
  const cases: [string, number[], number[], number][] = [
    ['nothing repeats', [1, 1, 1, 1], [0, 1, 2, 3], 4],
    ['in another order', [1, 1, 1, 1], [2, 0, 3, 1], 4],
    ['a phrase three times, another twice', [1, 1, 1, 1, 1, 1], [0, 1, 0, 2, 1, 0], 3],
    ['empty slots and phrases that name nothing', [1, 0, 1, 1, 0, 1], [0, 3, 4, 0, 1, 2], 6],
    ['one phrase alone', [1, 1, 0], [1, 1, 0], 2],
    ['one region', [0, 1, 0], [0, 2, 0], 3],
    ['no region', [0, 0], [0, 1], 3],
  ];

  it.each(cases)('equals the plain sums, and its gradient their differences: %s', async (_, filled, names, phrases) => {
    const logits = normal([names.length, phrases], random(5, 'logits'), 2) as tf.Tensor2D;
    const f = (x: tf.Tensor) => regionLoss(x as tf.Tensor2D, tf.tensor1d(filled), tf.tensor1d(names, 'int32'));
    const rows = await logits.array();
    expect((await f(logits).data())[0]).toBeCloseTo(plainLoss(rows, filled, names), tolerance(6, 4));
    const gradient = (await tf.grad(f)(logits).array()) as number[][];
    const step = 1e-4;
    for (const [i, row] of rows.entries()) {
      for (const [t, value] of row.entries()) {
        row[t] = value + step;
        const above = plainLoss(rows, filled, names);
        row[t] = value - step;
        const below = plainLoss(rows, filled, names);
        row[t] = value;
        expect(gradient[i]![t]).toBeCloseTo((above - below) / (2 * step), tolerance(6, 4));
      }
    }
  });

  it('stays exact where cosines are scaled by 100', async () => {
    const rows = [
      [100, -100, 3],
      [98, 99, -100],
      [-100, 50, 50],
    ];
    const loss = regionLoss(tf.tensor2d(rows), tf.ones([3]), tf.tensor1d([0, 1, 0], 'int32'));
    expect((await loss.data())[0]).toBeCloseTo(plainLoss(rows, [1, 1, 1], [0, 1, 0]), 4);
  });
});

describe('clipRegions', () => {
  it('is CLIP where every picture is one region and no phrase repeats', async () => {
    const { ids, ends } = batchOf();
    const batch = batchOf({
      cover: tf.fill([PICTURES, 1, KEPT.length], 1 / KEPT.length),
      filled: tf.ones([PICTURES]),
      names: tf.range(0, PICTURES, 1, 'int32'),
      ids: tf.slice(ids, [0, 0], [PICTURES, 5]),
      ends: tf.slice(ends, [0], [PICTURES]),
    });
    const whole = (p: Record<string, tf.Tensor>) => clip(p, CONFIG, { ...batch, kept: tf.tensor1d(KEPT, 'int32') });
    const parts = clipRegions(parameters, CONFIG, batch);
    expect(await largestDifference(parts.imageEmbeddings, whole(parameters).imageEmbeddings)).toBeLessThanOrEqual(1e-5);
    expect(await largestDifference(parts.logits, whole(parameters).logits)).toBeLessThanOrEqual(1e-4);

    const { value, grads } = lossAndGradients(lossOf(batch));
    const onPictures = lossAndGradients((p) => contrastiveLoss(whole(p).logits));
    expect(await largestDifference(value, onPictures.value)).toBeLessThanOrEqual(tolerance(1e-6, 1e-5));
    for (const [name, gradient] of Object.entries(onPictures.grads)) {
      expect(await largestDifference(grads[name]!, gradient), name).toBeLessThanOrEqual(tolerance(1e-5, 1e-4));
    }
  });

  it('a region is the weighted mean of its own picture, normed, projected and of length 1', async () => {
    const batch = batchOf();
    const blocks = visionBlocks(parameters, 'vision_model.', CONFIG.vision, batch.patches, batch.kept);
    const features = await patchFeatures(blocks).array();
    const gain = await parameters['vision_model.post_layernorm.weight']!.data();
    const bias = await parameters['vision_model.post_layernorm.bias']!.data();
    const projection = (await parameters['visual_projection.weight']!.array()) as number[][];
    const expected = (await batch.cover.array()).flatMap((rows, picture) =>
      rows.map((shares) => {
        const region = gainlessMean(shares, features[picture]!).map((x, c) => x * gain[c]! + bias[c]!);
        const projected = projection.map((row) => row.reduce((sum, w, c) => sum + w * region[c]!, 0));
        const length = Math.hypot(...projected);
        return projected.map((x) => x / length);
      }),
    );
    const { imageEmbeddings } = clipRegions(parameters, CONFIG, batch);
    expect(await largestDifference(imageEmbeddings, tf.tensor2d(expected))).toBeLessThanOrEqual(tolerance(2e-6, 2e-5));
  });

  it('what fills an empty slot does not matter, and is a number even where every weight is as it starts', async () => {
    const filled = tf.tensor1d([1, 0, 1, 1, 0, 1]);
    const loss = (weights: Record<string, tf.Tensor>, shares: number[], name: number) => {
      const batch = batchOf({ filled, names: tf.tensor1d([0, name, 1, 0, name, 2], 'int32') });
      const cover = tf.where(tf.reshape(tf.greater(filled, 0), [PICTURES, SLOTS, 1]), batch.cover, tf.tensor(shares));
      return lossAndGradients(lossOf({ ...batch, cover: cover as tf.Tensor3D }), weights);
    };
    const one = loss(parameters, [1, 0, 0, 0, 0, 0, 0], 0);
    const other = loss(parameters, [0, 0.5, 0, 0, 0.5, 0, 0], 5);
    expect(await largestDifference(one.value, other.value)).toBeLessThanOrEqual(1e-6);
    for (const [name, gradient] of Object.entries(one.grads)) {
      expect(await largestDifference(gradient, other.grads[name]!), name).toBeLessThanOrEqual(1e-5);
    }
    const start = loss(initialise(clipSpecs(CONFIG), 0), Array(KEPT.length).fill(1 / KEPT.length), 0);
    expect(Number.isFinite((await start.value.data())[0])).toBe(true);
    for (const x of Object.values(start.grads)) expect((await x.data()).every(Number.isFinite)).toBe(true);
  });

  it('its gradient is the slope along a line through the weights', async () => {
    const batch = batchOf({ names: tf.tensor1d([0, 1, 2, 0, 3, 1], 'int32') });
    const f = lossOf(batch);
    const { grads } = lossAndGradients(f);
    const stream = random(8, 'direction');
    for (const part of ['vision_model.', 'text_model.', 'projection.weight', 'logit_scale']) {
      const names = Object.keys(parameters).filter((name) => name.includes(part));
      const direction = Object.fromEntries(names.map((name) => [name, normal(parameters[name]!.shape, stream)]));
      const step = part === 'logit_scale' ? 0.05 : 3e-3;
      const at = async (h: number) => {
        const moved = names.map((name) => [name, tf.add(parameters[name]!, tf.mul(direction[name]!, h))]);
        return (await f({ ...parameters, ...Object.fromEntries(moved) }).data())[0]!;
      };
      let slope = 0;
      for (const name of names) slope += (await tf.sum(tf.mul(grads[name]!, direction[name]!)).data())[0]!;
      const measured = ((await at(step)) - (await at(-step))) / (2 * step);
      expect(Math.abs(slope - measured), part).toBeLessThanOrEqual(0.02 * Math.abs(slope) + tolerance(1e-3, 1e-2));
    }
  });
});

describe('the temperature', () => {
  it('starts at 0.07', async () => {
    expect(Math.exp(-(await initialise(clipSpecs(CONFIG), 0).logit_scale!.data())[0]!)).toBeCloseTo(0.07, 6);
  });

  it.each([
    ['below', Math.log(100) - 0.5, 100 * Math.exp(-0.5), true],
    ['at', Math.log(100), 100, true],
    ['beyond', Math.log(100) + 0.5, 100, false],
  ])('%s ln 100, where it is clamped', async (_, logitScale, factor, learns) => {
    const at = { ...parameters, logit_scale: tf.scalar(logitScale) };
    const batch = batchOf();
    const { imageEmbeddings, textEmbeddings, logits } = clipRegions(at, CONFIG, batch);
    const cosines = tf.matMul(imageEmbeddings, textEmbeddings, false, true);
    expect(await largestDifference(logits, tf.mul(cosines, factor))).toBeLessThanOrEqual(1e-4);
    const [slope] = await lossAndGradients(lossOf(batch), at).grads.logit_scale!.data();
    if (learns) expect(Math.abs(slope!)).toBeGreaterThan(1e-3);
    else expect(slope).toBe(0);
  });
});

/** Layer norm, before gain and bias, of a weighted mean. */
function gainlessMean(shares: readonly number[], features: readonly (readonly number[])[]): number[] {
  const mean = features[0]!.map((_, c) => shares.reduce((sum, share, i) => sum + share * features[i]![c]!, 0));
  const centre = mean.reduce((a, b) => a + b) / mean.length;
  const variance = mean.reduce((sum, x) => sum + (x - centre) ** 2, 0) / mean.length;
  return mean.map((x) => (x - centre) / Math.sqrt(variance + 1e-5));
}

function lossAndGradients(f: (p: Record<string, tf.Tensor>) => tf.Scalar, at: Record<string, tf.Tensor> = parameters) {
  const names = Object.keys(at);
  const { value, grads } = tf.valueAndGrads((...tensors: tf.Tensor[]) =>
    f(Object.fromEntries(names.map((name, i) => [name, tensors[i]!]))),
  )(names.map((name) => at[name]!));
  return { value, grads: Object.fromEntries(names.map((name, i) => [name, grads[i]!])) };
}
