import * as tf from '@tensorflow/tfjs-core';
import { activate, attend, causalMask, layerNorm, linear, mergeHeads, splitHeads } from './layers/index.js';
import { normSpecs, type ParameterSpecs, type Parameters, under } from './parameters.js';

/** Sizes of an autoregressive image model; names as in apple/ml-aim. */
export interface AimConfig {
  readonly patch_size: number;
  readonly embed_dim: number;
  readonly num_blocks: number;
  readonly num_heads: number;
  readonly mlp_ratio: number;
  readonly layer_norm_eps: number;
}

/** Where patches lie: the sides of the whole grid, and which of its patches these are, if not all. */
export interface AimPlaces {
  readonly rows: number;
  readonly columns: number;
  /** Row-major numbers, [batch, patches] int32 */
  readonly kept?: tf.Tensor2D | undefined;
}

/** What the trunk gives. */
export interface AimOutput {
  /** Patches with their positions: [batch, patches, width]. */
  readonly tokens: tf.Tensor;
  /** The output of each block: each [batch, patches, width]. */
  readonly blocks: tf.Tensor[];
  /** After the last norm: [batch, patches, width]. */
  readonly last: tf.Tensor3D;
}

/** Base of the positions' wave lengths (Vaswani et al., 2017, section 3.5). */
const LONGEST_WAVE = 10_000;
/** Features are the mean of so many last blocks: apple/ml-aim's `probe_layers`. */
const FEATURE_BLOCKS = 6;

/**
 * Fixed positions of a grid's patches (El-Nouby et al., 2024, section 4): the first half of the width tells the column, the
 * second the row, each as sines and then cosines of falling frequencies.
 * @returns [rows x columns, width], row-major
 */
function sinCosPositions(rows: number, columns: number, width: number): tf.Tensor2D {
  const waves = width / 4;
  const values = new Float32Array(rows * columns * width);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const start = (row * columns + column) * width;
      for (let i = 0; i < waves; i++) {
        const frequency = LONGEST_WAVE ** (-i / waves);
        values[start + i] = Math.sin(column * frequency);
        values[start + waves + i] = Math.cos(column * frequency);
        values[start + 2 * waves + i] = Math.sin(row * frequency);
        values[start + 3 * waves + i] = Math.cos(row * frequency);
      }
    }
  }
  return tf.tensor2d(values, [rows * columns, width]);
}

/**
 * Mask of prefix attention (El-Nouby et al., 2024, section 4): a patch sees itself, what came before it, and the whole
 * prefix.
 * @param predicted 0 in the prefix, 1 behind it, [batch, patches] float32: all 1 is causal attention
 * @returns to be added to the scores, [batch, 1, patches, patches]
 */
export function prefixMask(predicted: tf.Tensor2D): tf.Tensor {
  const [batch, patches] = predicted.shape;
  return tf.mul(tf.reshape(predicted, [batch, 1, 1, patches]), causalMask(patches));
}

/**
 * AIM's trunk (El-Nouby et al., 2024, section 4): patches, pre-norm transformer blocks, a last norm. There are no biases
 * but where the weights have them, and so it is with the norms after the patches and after the blocks.
 * @param parameters weights under apple/ml-aim's names
 * @param patches [batch, patches, 3 x patch x patch], each in (channel, row, column) order, normalised
 * @param mask of `prefixMask` in pre-training; none as an encoder, where every patch sees every patch
 */
export function aimTrunk(
  parameters: Parameters,
  config: AimConfig,
  patches: tf.Tensor3D,
  { rows, columns, kept }: AimPlaces,
  mask?: tf.Tensor,
): AimOutput {
  const p = under(parameters, '');
  const project = (name: string, x: tf.Tensor) => linear(x, p(`${name}.weight`), parameters[`${name}.bias`]);
  const norm = (name: string, x: tf.Tensor) =>
    layerNorm(x, p(`${name}.weight`), p(`${name}.bias`), config.layer_norm_eps);
  const optionalNorm = (name: string, x: tf.Tensor) => (`${name}.weight` in parameters ? norm(name, x) : x);

  // A convolution whose stride is its own side is a product.
  const kernel = tf.reshape(p('preprocessor.patchifier.proj.weight'), [config.embed_dim, -1]); // [width, 3 x patch x patch]
  const projected = linear(patches, kernel, parameters['preprocessor.patchifier.proj.bias']); // [batch, patches, width]
  const positions = sinCosPositions(rows, columns, config.embed_dim); // [rows x columns, width]
  const embedded = optionalNorm('preprocessor.patchifier.norm', projected);
  const tokens = tf.add(embedded, kept ? tf.gather(positions, kept) : positions); // [batch, patches, width]

  const blocks: tf.Tensor[] = [];
  let x = tokens;
  for (let i = 0; i < config.num_blocks; i++) {
    const input = x;
    const block = `trunk.blocks.${i}`;
    x = tf.tidy(() => {
      const qkv = tf.split(project(`${block}.attn.qkv`, norm(`${block}.norm_1`, input)), 3, -1);
      const [q, k, v] = qkv.map((part) => splitHeads(part, config.num_heads)) as [
        tf.Tensor4D,
        tf.Tensor4D,
        tf.Tensor4D,
      ];
      const attended = mergeHeads(attend(q, k, v, mask)); // [batch, patches, width]
      const middle = tf.add(input, project(`${block}.attn.proj`, attended));
      const wide = activate('gelu', project(`${block}.mlp.fc1`, norm(`${block}.norm_2`, middle))); // [.., ratio x width]
      return tf.add(middle, project(`${block}.mlp.fc2`, wide));
    });
    blocks.push(x);
  }
  return { tokens, blocks, last: optionalNorm('trunk.post_trunk_norm', x) as tf.Tensor3D };
}

/**
 * What a connector reads: the mean of the last six blocks, or of all where there are fewer, before the last norm, as
 * apple/ml-aim reads its trunks: the very last blocks turn back to pixels. MM1 does not say what it reads.
 * @returns [batch, patches, width]
 */
export function aimFeatures({ blocks }: AimOutput): tf.Tensor3D {
  const last = blocks.slice(-FEATURE_BLOCKS);
  return tf.mul(tf.addN(last), 1 / last.length) as tf.Tensor3D;
}

/** Weights of the trunk and how each starts. */
export function aimSpecs(config: AimConfig): ParameterSpecs {
  const { embed_dim: width, patch_size: patch } = config;
  const wide = config.mlp_ratio * width;
  const specs: ParameterSpecs = {
    'preprocessor.patchifier.proj.weight': {
      shape: [width, 3, patch, patch],
      initial: { normal: glorot(3 * patch * patch, width) },
    },
    'preprocessor.patchifier.proj.bias': { shape: [width], initial: { constant: 0 } },
    ...normSpecs('preprocessor.patchifier.norm', width),
  };
  for (let i = 0; i < config.num_blocks; i++) {
    const block = `trunk.blocks.${i}`;
    Object.assign(
      specs,
      normSpecs(`${block}.norm_1`, width),
      matrixSpecs(`${block}.attn.qkv`, width, 3 * width),
      matrixSpecs(`${block}.attn.proj`, width, width),
      normSpecs(`${block}.norm_2`, width),
      matrixSpecs(`${block}.mlp.fc1`, width, wide),
      matrixSpecs(`${block}.mlp.fc2`, wide, width),
    );
  }
  return { ...specs, ...normSpecs('trunk.post_trunk_norm', width) };
}

/** Deviation of a layer's first weights (Glorot and Bengio, 2010), as in He et al., 2021. */
export function glorot(inputs: number, outputs: number): number {
  return Math.sqrt(2 / (inputs + outputs));
}

function matrixSpecs(name: string, inputs: number, outputs: number): ParameterSpecs {
  return { [`${name}.weight`]: { shape: [outputs, inputs], initial: { normal: glorot(inputs, outputs) } } };
}
