import * as tf from '@tensorflow/tfjs-core';
import { SHARED_SEGMENT } from '../data/packing.js';
import { CONNECTORS } from './connectors/index.js';
import { type DecoderConfig, decoder, embedTokens, vocabularyLogits } from './decoder.js';
import { ENCODERS } from './encoders/index.js';
import { crossEntropy, maskOf, type PackedSequences, takeRows } from './layers/index.js';
import { routerLoss } from './mixture-of-experts.js';
import type { MultimodalConfig } from './multimodal-config.js';
import type { Parameters } from './parameters.js';

/** Packed sequences (src/data/packing.ts): text and visual tokens in one table, and where its rows stand. */
export type LanguageBatch = PackedSequences & {
  /** [text] int32 */
  readonly ids: tf.Tensor1D;
  /** Row of the table at each position, [sequences x length] int32. */
  readonly from: tf.Tensor1D;
  /** Position of each row of the table, [text + visual] int32. */
  readonly to: tf.Tensor1D;
  /** [sequences, length] int32 */
  readonly positions: tf.Tensor2D;
  /** Positions whose next token is asked for, [reads] int32. */
  readonly reads: tf.Tensor1D;
  /** Place of each position among the reads, [sequences x length] int32. */
  readonly readAt: tf.Tensor1D;
  /** [reads] int32 */
  readonly targets: tf.Tensor1D;
  /** 1 where a target counts, [reads] */
  readonly counted: tf.Tensor1D;
};

/** What the language model makes of a batch. */
export type LanguageOutput = {
  /** Scores of the next token at each read, [reads, vocabulary]. */
  readonly logits: tf.Tensor2D;
  /** Scores of the experts at every position, of each layer that has some: [sequences x length, experts]. */
  readonly routerLogits: readonly tf.Tensor2D[];
};

export const ENCODER_PREFIX = 'encoder.';
export const CONNECTOR_PREFIX = 'connector.';
export const LANGUAGE_MODEL_PREFIX = 'language_model.';

/** Weights whose names start with a prefix, without it. */
export function part(parameters: Parameters, prefix: string): Parameters {
  const entries = Object.entries(parameters).filter(([name]) => name.startsWith(prefix));
  return Object.fromEntries(entries.map(([name, tensor]) => [name.slice(prefix.length), tensor]));
}

/**
 * Visual tokens of pictures.
 * @param parameters `connector.*`, and `encoder.*` where the encoder is trained along
 * @param pictures features of a frozen encoder [pictures, patches, encoder width], or patches of pixels
 *   [pictures, patches, 3 x patch x patch]
 * @returns [pictures, tokens, width]
 */
export function visualTokens(parameters: Parameters, config: MultimodalConfig, pictures: tf.Tensor3D): tf.Tensor3D {
  const { encoder, connector } = config;
  const features = encoder
    ? ENCODERS[encoder.encoder.type].features(part(parameters, ENCODER_PREFIX), encoder, pictures)
    : pictures; // [pictures, patches, encoder width]
  return CONNECTORS[connector.type].forward(part(parameters, CONNECTOR_PREFIX), connector, features);
}

/**
 * The language model on packed sequences.
 * @param parameters `language_model.*`
 * @param visual visual tokens that stand among the text, [pictures, tokens, width]; none for text alone
 */
export function languageModel(
  parameters: Parameters,
  config: DecoderConfig,
  batch: LanguageBatch,
  visual: tf.Tensor3D | null,
): LanguageOutput {
  const model = part(parameters, LANGUAGE_MODEL_PREFIX);
  const [sequences, length] = batch.segments.shape;
  const width = config.hidden_size;
  const words = embedTokens(model, tf.reshape(batch.ids, [1, -1]));
  const text = tf.reshape(words, [-1, width]) as tf.Tensor2D; // [text, width]
  const table = visual ? tf.concat([text, tf.reshape(visual, [-1, width]) as tf.Tensor2D]) : text;
  const placed = takeRows(table, batch); // [sequences x length, width]
  const embeddings = tf.reshape(placed, [sequences, length, width]) as tf.Tensor3D;

  const input = { embeddings, positions: batch.positions, mask: maskOf(batch) };
  const { last, routerLogits } = decoder(model, config, input); // [sequences, length, width]
  const rows = tf.reshape(last, [-1, width]) as tf.Tensor2D;
  const asked = takeRows(rows, { from: batch.reads, to: batch.readAt }); // [reads, width]
  return { logits: vocabularyLogits(model, config, asked) as tf.Tensor as tf.Tensor2D, routerLogits };
}

/**
 * MM1's forward pass: pictures become visual tokens, stand among the text, and the decoder predicts the text.
 * @param pictures as `visualTokens` takes them
 */
export function multimodal(
  parameters: Parameters,
  config: MultimodalConfig,
  batch: LanguageBatch,
  pictures: tf.Tensor3D,
): LanguageOutput {
  return languageModel(parameters, config.decoder, batch, visualTokens(parameters, config, pictures));
}

/**
 * What training makes small: the mean cross-entropy of the counted tokens (loss on text alone: MM1, section 3.2), and of
 * a mixture of experts its router's losses.
 */
export function languageLoss(output: LanguageOutput, config: DecoderConfig, batch: LanguageBatch): tf.Scalar {
  const loss = textLoss(output.logits, batch.targets, batch.counted);
  if (output.routerLogits.length === 0) return loss;
  const attended = tf.cast(tf.greaterEqual(tf.reshape(batch.segments, [-1]), SHARED_SEGMENT), 'float32');
  return tf.add(loss, routerLoss(output.routerLogits, config, attended as tf.Tensor1D));
}

/**
 * Mean cross-entropy of the counted tokens; 0 where none counts.
 * @param logits [reads, vocabulary]
 * @param targets [reads] int32
 * @param counted 1 where a target counts, [reads]
 */
export function textLoss(logits: tf.Tensor2D, targets: tf.Tensor1D, counted: tf.Tensor1D): tf.Scalar {
  const losses = crossEntropy(logits, targets); // [reads]
  return tf.div(tf.sum(tf.mul(losses, counted)), tf.maximum(tf.sum(counted), 1)) as tf.Scalar;
}
