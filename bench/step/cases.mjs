/**
 * What bench:step compares: models with their weights, one batch each, and their loss, as mm1 trains them.
 * @module
 */
import * as tf from '@tensorflow/tfjs-core';
import { defaultRecipe } from '../../dist/config/scales.js';
import { pack } from '../../dist/data/packing.js';
import { clip, clipSpecs, contrastiveLoss } from '../../dist/model/clip.js';
import { CONNECTORS } from '../../dist/model/connectors/index.js';
import { decoder, decoderSpecs, embedTokens, vocabularyLogits } from '../../dist/model/decoder.js';
import { causalMask, crossEntropy } from '../../dist/model/layers/index.js';
import { languageLoss, multimodal } from '../../dist/model/multimodal.js';
import { multimodalConfig } from '../../dist/model/multimodal-config.js';
import { prefixed } from '../../dist/model/parameters.js';
import { clipConfig } from '../../dist/model/sizes.js';
import { random } from '../../dist/random.js';
import { languageArrays } from '../../dist/train/batches/language.js';

const VOCABULARY = 4096;

/**
 * @typedef {object} Case
 * @property {string} title
 * @property {string} kind how the PyTorch side builds it
 * @property {object} config sizes, for both sides
 * @property {number} [tokens] tokens that a step reads, text and visual
 * @property {object} specs shape and start of every weight
 * @property {Record<string, { values: Float32Array | Int32Array, shape: number[] }>} batch
 * @property {(weights: object, batch: object) => tf.Scalar} loss
 */

const stream = (name) => random(0, name);
const normals = (name, ...shape) => {
  const draw = stream(name);
  return { values: Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => draw.normal()), shape };
};
const ids = (name, below, ...shape) => {
  const draw = stream(name);
  return { values: Int32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => draw.below(below)), shape };
};

/** CLIP's two towers at nano, every patch of 336 px. @returns {Case} */
function contrastive() {
  const recipe = defaultRecipe('nano');
  const config = clipConfig(recipe, VOCABULARY);
  const rows = 16;
  const { patch_size: patch, image_size: side } = config.vision;
  const tokens = config.text.max_position_embeddings;
  return {
    title: 'ViT at 336 px, CLIP loss',
    kind: 'clip',
    config,
    specs: clipSpecs(config),
    batch: {
      patches: normals('patches', rows, (side / patch) ** 2, 3 * patch * patch),
      ids: ids('texts', VOCABULARY, rows, tokens),
      ends: ids('ends', tokens, rows),
    },
    loss: (weights, batch) => contrastiveLoss(clip(weights, config, batch).logits),
  };
}

/** A Llama on whole sequences. @returns {Case} */
function language(title, { width, layers, heads, tokens, rows, vocabulary }) {
  const config = {
    vocab_size: vocabulary,
    hidden_size: width,
    intermediate_size: 8 * Math.round(width / 3),
    num_hidden_layers: layers,
    num_attention_heads: heads,
    num_key_value_heads: heads,
    rms_norm_eps: 1e-5,
    rope_theta: 10_000,
    tie_word_embeddings: true,
  };
  return {
    title,
    kind: 'decoder',
    config,
    tokens: rows * tokens,
    specs: decoderSpecs(config),
    batch: {
      ids: ids('words', vocabulary, rows, tokens),
      targets: ids('targets', vocabulary, rows * tokens),
      positions: { values: Float32Array.from({ length: rows * tokens }, (_, i) => i % tokens), shape: [rows, tokens] },
    },
    loss(weights, batch) {
      const input = {
        embeddings: embedTokens(weights, batch.ids),
        positions: batch.positions,
        mask: causalMask(tokens),
      };
      const { last } = decoder(weights, config, input);
      const logits = tf.reshape(vocabularyLogits(weights, config, last), [rows * tokens, vocabulary]);
      return tf.mean(crossEntropy(logits, batch.targets));
    },
  };
}

/** @returns {Case} */
function connector() {
  const recipe = defaultRecipe('nano');
  const config = multimodalConfig(recipe, VOCABULARY).connector;
  const { grid, tokens, encoder_hidden_size: from, output_hidden_size: to } = config;
  return {
    title: 'c-abstractor, 144 tokens',
    kind: 'connector',
    config,
    specs: prefixed('connector.', CONNECTORS['c-abstractor'].specs(config)),
    batch: { pictures: normals('features', 8, grid * grid, from), wanted: normals('wanted', 8, tokens, to) },
    loss(weights, { pictures, wanted }) {
      const bare = Object.fromEntries(Object.entries(weights).map(([name, w]) => [name.replace('connector.', ''), w]));
      return tf.mean(tf.square(tf.sub(CONNECTORS['c-abstractor'].forward(bare, config, pictures), wanted)));
    },
  };
}

/** MM1's own step with a frozen encoder: features, c-abstractor, decoder, loss on text. @returns {Case} */
function whole(scale) {
  const recipe = defaultRecipe(scale);
  const config = multimodalConfig(recipe, VOCABULARY);
  const { text_tokens: text, images } = recipe.data;
  const rows = scale === 'micro' ? 4 : recipe.training.batch;
  const slots = config.connector.tokens;
  const words = stream('sequences');
  const sequence = () => ({
    groups: Array.from({ length: images }, (_, image) => ({
      shared: [{ image }],
      examples: Array.from({ length: 2 }, () => [
        { tokens: Array.from({ length: Math.floor(text / images / 2) }, () => words.below(VOCABULARY)), counted: true },
      ]),
    })),
  });
  const packed = pack(Array.from({ length: rows }, sequence), { text, images, slots }, 0);
  const { grid, encoder_hidden_size: width } = config.connector;
  return {
    title: `whole multimodal step, ${scale}`,
    kind: 'multimodal',
    config,
    tokens: rows * (text + images * slots),
    specs: {
      ...prefixed('connector.', CONNECTORS['c-abstractor'].specs(config.connector)),
      ...prefixed('language_model.', decoderSpecs(config.decoder)),
    },
    batch: { ...languageArrays(packed), pictures: normals('seen', rows * images, grid * grid, width) },
    loss: (weights, batch) => languageLoss(multimodal(weights, config, batch, batch.pictures), config.decoder, batch),
  };
}

/** Every case by its name. @type {Record<string, () => Case>} */
export const CASES = {
  clip: contrastive,
  tiny: () => language('decoder, width 64', { width: 64, layers: 4, heads: 4, tokens: 128, rows: 8, vocabulary: 512 }),
  mid: () =>
    language('decoder, width 256', { width: 256, layers: 4, heads: 8, tokens: 256, rows: 8, vocabulary: 1024 }),
  connector,
  nano: () => whole('nano'),
  micro: () => whole('micro'),
  small: () => whole('small'),
};

/** What every side updates by. */
export const ADAM = { beta1: 0.9, beta2: 0.95, epsilon: 1e-8, weightDecay: 0.1, clip: 1 };
export const RATE = 1e-3;
