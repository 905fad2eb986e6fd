import * as tf from '@tensorflow/tfjs-core';
import type { ConnectorType } from '../config/recipe.js';
import { CONNECTORS, type ConnectorConfig } from './connectors/index.js';
import { type DecoderConfig, decoder, embedTokens, vocabularyLogits } from './decoder.js';
import { crossEntropy, FORBIDDEN } from './layers/index.js';
import type { Parameters } from './parameters.js';

/** A connector and a language model. The encoder stands before it: frozen, its features computed once. */
export interface MultimodalConfig {
  readonly connector: { readonly type: ConnectorType } & ConnectorConfig;
  readonly decoder: DecoderConfig;
}

/** Segment of a token that every later token of its sequence may see: pictures and the context of a text. */
export const SHARED_SEGMENT = 0;
/** Segment of padding. */
export const PADDING_SEGMENT = -1;

/** Text of a batch of packed sequences, each tensor [batch, text]. */
export type TextBatch = {
  readonly ids: tf.Tensor2D;
  /** Which example a token belongs to, from 1; or SHARED_SEGMENT, or PADDING_SEGMENT. int32 */
  readonly segments: tf.Tensor2D;
  /** Position in the text part of the sequence, every example counted from the end of what is shared. int32 */
  readonly positions: tf.Tensor2D;
};

/**
 * Who may see whom in a packed sequence: what came before, in the same example or shared. Attention does not cross an
 * example's boundary (MM1, appendix on training).
 * @param segments [batch, tokens] int32
 * @returns additive mask [batch, 1, tokens, tokens]
 */
export function packedMask(segments: tf.Tensor2D): tf.Tensor4D {
  const [batch, tokens] = segments.shape;
  const query = tf.reshape(segments, [batch, 1, tokens, 1]);
  const key = tf.reshape(segments, [batch, 1, 1, tokens]);
  const order = tf.range(0, tokens, 1, 'int32');
  const before = tf.greaterEqual(tf.reshape(order, [1, 1, tokens, 1]), tf.reshape(order, [1, 1, 1, tokens]));
  const related = tf.logicalOr(tf.equal(query, key), tf.equal(key, SHARED_SEGMENT));
  const allowed = tf.cast(tf.logicalAnd(related, before), 'float32'); // [batch, 1, tokens, tokens]
  return tf.mul(tf.sub(1, allowed), FORBIDDEN);
}

/** Weights whose names start with a prefix, without it. */
export function part(parameters: Parameters, prefix: string): Parameters {
  const entries = Object.entries(parameters).filter(([name]) => name.startsWith(prefix));
  return Object.fromEntries(entries.map(([name, tensor]) => [name.slice(prefix.length), tensor]));
}

export const CONNECTOR_PREFIX = 'connector.';
export const LANGUAGE_MODEL_PREFIX = 'language_model.';

/** Visual tokens of a batch of pictures: [batch, patches, encoder width] -> [batch, tokens, width]. */
export function visualTokens(parameters: Parameters, config: MultimodalConfig, features: tf.Tensor3D): tf.Tensor3D {
  const connector = CONNECTORS[config.connector.type];
  return connector.forward(part(parameters, CONNECTOR_PREFIX), config.connector, features);
}

/**
 * The language model on text alone.
 * @param parameters `language_model.*`
 * @returns scores of the next token at every position, [batch, text, vocabulary]
 */
export function languageModel(parameters: Parameters, config: DecoderConfig, text: TextBatch): tf.Tensor3D {
  const model = part(parameters, LANGUAGE_MODEL_PREFIX);
  const embeddings = embedTokens(model, text.ids); // [batch, text, width]
  const input = { embeddings, positions: text.positions, mask: packedMask(text.segments) };
  return vocabularyLogits(model, config, decoder(model, config, input).last);
}

/**
 * MM1's forward pass: pictures become visual tokens, stand before the text, and the decoder predicts the text.
 * @param parameters `connector.*` and `language_model.*`
 * @param features [batch, patches, encoder width]
 * @param shown 1 where a sequence has its picture, 0 where it is text alone, [batch] int32
 * @returns scores of the next token at every text position, [batch, text, vocabulary]
 */
export function multimodal(
  parameters: Parameters,
  config: MultimodalConfig,
  text: TextBatch,
  features: tf.Tensor3D,
  shown: tf.Tensor1D,
): tf.Tensor3D {
  const model = part(parameters, LANGUAGE_MODEL_PREFIX);
  const [batch, length] = text.ids.shape;
  const tokens = config.connector.tokens;
  const words = embedTokens(model, text.ids); // [batch, text, width]
  const pictures = visualTokens(parameters, config, features); // [batch, tokens, width]
  const embeddings = tf.concat([pictures, words], 1); // [batch, tokens + text, width]

  // A picture is shared; where a sequence has none, its slots are padding that nobody sees.
  const column = tf.reshape(shown, [batch, 1]);
  const slot = tf.sub(column, tf.scalar(1, 'int32')); // 0 where shown, -1 where not
  const segments = tf.concat([tf.tile(slot, [1, tokens]), text.segments], 1) as tf.Tensor2D;
  const slots = tf.tile(tf.reshape(tf.range(0, tokens, 1, 'int32'), [1, tokens]), [batch, 1]);
  const shifted = tf.add(text.positions, tf.mul(column, tf.scalar(tokens, 'int32')));
  const positions = tf.concat([slots, shifted], 1) as tf.Tensor2D;

  const { last } = decoder(model, config.decoder, { embeddings, positions, mask: packedMask(segments) });
  const read = tf.slice(last, [0, tokens, 0], [batch, length, last.shape[2]]); // [batch, text, width]
  return vocabularyLogits(model, config.decoder, read);
}

/**
 * Mean cross-entropy of the counted tokens: loss on text alone (MM1, section 3.2).
 * @param logits [batch, text, vocabulary]
 * @param targets [batch, text] int32
 * @param counted 1 where a target counts, [batch, text] float32
 */
export function textLoss(logits: tf.Tensor3D, targets: tf.Tensor2D, counted: tf.Tensor2D): tf.Scalar {
  const rows = tf.reshape(logits, [-1, logits.shape[2]]) as tf.Tensor2D; // [batch x text, vocabulary]
  const losses = crossEntropy(rows, tf.reshape(targets, [-1]) as tf.Tensor1D); // [batch x text]
  return tf.div(tf.sum(tf.mul(losses, tf.reshape(counted, [-1]))), tf.sum(counted)) as tf.Scalar;
}
