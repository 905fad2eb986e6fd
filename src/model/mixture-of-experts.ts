import * as tf from '@tensorflow/tfjs-core';
import { activate, linear } from './layers/index.js';
import type { Lookup, ParameterSpecs } from './parameters.js';

/** Sizes of the experts; names as in Hugging Face's MixtralConfig, and `decoder_sparse_step` as in its Qwen2MoeConfig. */
export interface MixtureConfig {
  readonly num_local_experts: number;
  /** Experts that a token is sent to: 2 in MM1 and in Mixtral. */
  readonly num_experts_per_tok: number;
  /** Every n-th layer has experts, the others are dense; every layer, as in Mixtral, where it is not given. */
  readonly decoder_sparse_step?: number;
}

/** MM1's weight of the load-balancing loss (arXiv 2403.09611, on mixture of experts). */
const LOAD_BALANCING_WEIGHT = 0.01;
/** MM1's weight of the router z-loss (the same place); also ST-MoE's (Zoph et al., 2022, section 3). */
const ROUTER_Z_WEIGHT = 0.001;

/** Whether a layer, counted from 0, has experts: the last of every n. */
export function hasExperts<C extends Partial<MixtureConfig>>(config: C, layer: number): config is C & MixtureConfig {
  return config.num_local_experts !== undefined && (layer + 1) % (config.decoder_sparse_step ?? 1) === 0;
}

/**
 * The likeliest experts of each token, in order; of equals the first, as torch's topk. They are found by comparisons:
 * tfjs has no gradient of topk, and its argMax takes another one of equals on some engines. No gradient flows through.
 * @param probabilities [tokens, experts]
 * @returns one-hot, [choices, tokens, experts]
 */
function likeliest(probabilities: tf.Tensor2D, count: number): tf.Tensor3D {
  const op = tf.customGrad((input, save) => {
    let left = input as tf.Tensor2D;
    (save as tf.GradSaveFunc)([left]);
    const order = tf.range(0, left.shape[1]); // [experts]
    const choices: tf.Tensor[] = [];
    for (let choice = 0; choice < count; choice++) {
      const equals = tf.equal(left, tf.max(left, 1, true)); // [tokens, experts]
      const first = tf.min(tf.where(equals, order, left.shape[1]), 1, true); // [tokens, 1]
      const chosen = tf.equal(order, first); // [tokens, experts]
      choices.push(tf.cast(chosen, 'float32'));
      left = tf.where(chosen, -1, left) as tf.Tensor2D;
    }
    return { value: tf.stack(choices), gradFunc: (_: tf.Tensor, saved: tf.Tensor[]) => tf.zerosLike(saved[0]!) };
  });
  return op(probabilities) as tf.Tensor3D;
}

/** Where a router sends each token. */
export interface Routing {
  /** Probability of every expert, [tokens, experts]. */
  readonly probabilities: tf.Tensor2D;
  /** First choice, second choice and so on, one-hot, [choices, tokens, experts]. */
  readonly choices: tf.Tensor3D;
  /** Share of each expert in the output: 0 where it is not chosen; the chosen ones' shares sum to 1. [tokens, experts] */
  readonly gates: tf.Tensor2D;
}

/**
 * Top-k routing (Shazeer et al., 2017, section 2.1, in Mixtral's order): softmax over all experts, then the k likeliest,
 * their probabilities divided by their sum.
 * @param logits [tokens, experts]
 * @param count the number k of experts a token
 */
export function route(logits: tf.Tensor2D, count: number): Routing {
  const probabilities = tf.softmax(logits);
  const choices = likeliest(probabilities, count);
  const kept = tf.mul(probabilities, tf.sum(choices, 0)); // [tokens, experts]
  return { probabilities, choices, gates: tf.div(kept, tf.sum(kept, 1, true)) };
}

/**
 * Mixtral's sparse block (Jiang et al., 2024, section 2.1): the gated sum of a token's experts, each a SwiGLU. No expert
 * has a capacity and no token is dropped. Every expert reads every token, and most results are multiplied by a gate of
 * 0: three large products of fixed shape, whose cost is that of a dense layer `num_local_experts` times as wide. Of the
 * chosen experts alone it would be `num_experts_per_tok` times.
 * @param p weights of the block: `gate.weight` [experts, width], `experts.N.w1.weight` and `w3` [intermediate, width],
 *   `experts.N.w2.weight` [width, intermediate]
 * @param x [batch, tokens, width]
 * @returns `y` [batch, tokens, width] and `routerLogits` [batch x tokens, experts]
 */
export function mixtureOfExperts(
  p: Lookup,
  config: MixtureConfig,
  x: tf.Tensor3D,
): { y: tf.Tensor3D; routerLogits: tf.Tensor2D } {
  const [batch, tokens, width] = x.shape;
  const experts = config.num_local_experts;
  const rows = tf.reshape(x, [batch * tokens, width]);
  const routerLogits = linear(rows, p('gate.weight')) as tf.Tensor2D; // [rows, experts]
  const { gates } = route(routerLogits, config.num_experts_per_tok);

  const each = (name: string) => Array.from({ length: experts }, (_, i) => p(`experts.${i}.${name}.weight`));
  const gate = activate('silu', linear(rows, tf.concat(each('w1'), 0))); // [rows, experts x intermediate]
  const wide = tf.mul(gate, linear(rows, tf.concat(each('w3'), 0)));
  const shared = tf.mul(tf.reshape(wide, [batch * tokens, experts, -1]), tf.expandDims(gates, 2)); // [rows, experts, intermediate]
  const y = linear(tf.reshape(shared, wide.shape), tf.concat(each('w2'), 1)); // the sum over experts is the product's own
  return { y: tf.reshape(y, [batch, tokens, width]), routerLogits };
}

/** Mean over rows; with `counted`, over those where it is 1. x: [rows, ...], counted: [rows, 1] */
function meanOfRows(x: tf.Tensor, counted?: tf.Tensor): tf.Tensor {
  return counted ? tf.div(tf.sum(tf.mul(x, counted), 0), tf.sum(counted)) : tf.mean(x, 0);
}

/** The routers' logits of all layers as one set of rows, and which rows count. */
function pool(routerLogits: readonly tf.Tensor2D[], mask?: tf.Tensor) {
  const logits = tf.concat([...routerLogits], 0) as tf.Tensor2D; // [layers x rows, experts]
  const counted = mask && tf.tile(tf.reshape(tf.cast(mask, 'float32'), [-1, 1]), [routerLogits.length, 1]); // [layers x rows, 1]
  return { logits, counted };
}

/**
 * Load-balancing loss E sum_e f_e P_e (Fedus et al., 2021, section 2.2, for k choices): f_e is the number of times expert e is
 * chosen, a token, and P_e its mean probability. Even routing gives k. The gradient flows through P_e alone. Layers are
 * pooled as one set of rows, as in Hugging Face's load_balancing_loss_func.
 * @param routerLogits a tensor a layer, each [batch x tokens, experts]
 * @param mask 1 where a token counts, batch x tokens values; all count where there is none
 */
export function loadBalancingLoss(
  routerLogits: readonly tf.Tensor2D[],
  config: Pick<MixtureConfig, 'num_experts_per_tok'>,
  mask?: tf.Tensor,
): tf.Scalar {
  const { logits, counted } = pool(routerLogits, mask);
  const { probabilities, choices } = route(logits, config.num_experts_per_tok);
  const chosen = meanOfRows(tf.sum(choices, 0), counted); // f, [experts]
  const likely = meanOfRows(probabilities, counted); // P, [experts]
  return tf.mul(tf.sum(tf.mul(chosen, likely)), logits.shape[1]);
}

/**
 * Router z-loss (Zoph et al., 2022, section 3.3): the mean of (log sum_e exp(logit_e))^2 over tokens. It keeps
 * logits small, where float32 is exact. Layers are pooled as in the load-balancing loss.
 * @param routerLogits a tensor a layer, each [batch x tokens, experts]
 * @param mask 1 where a token counts, batch x tokens values; all count where there is none
 */
export function routerZLoss(routerLogits: readonly tf.Tensor2D[], mask?: tf.Tensor): tf.Scalar {
  const { logits, counted } = pool(routerLogits, mask);
  return tf.sum(meanOfRows(tf.square(tf.logSumExp(logits, 1, true)), counted));
}

/**
 * What MM1 adds to the language model's loss for its experts: 0.01 of the load-balancing loss and 0.001 of the router
 * z-loss; 0 for a decoder without experts.
 * @param routerLogits as the decoder gives them
 * @param mask 1 where a token counts, batch x tokens values; all count where there is none
 */
export function routerLoss(
  routerLogits: readonly tf.Tensor2D[],
  config: Partial<MixtureConfig>,
  mask?: tf.Tensor,
): tf.Scalar {
  const { num_experts_per_tok } = config;
  if (num_experts_per_tok === undefined || routerLogits.length === 0) return tf.scalar(0);
  const balance = loadBalancingLoss(routerLogits, { num_experts_per_tok }, mask);
  return tf.add(tf.mul(balance, LOAD_BALANCING_WEIGHT), tf.mul(routerZLoss(routerLogits, mask), ROUTER_Z_WEIGHT));
}

/**
 * Weights of a block of experts and how each starts: the experts as a dense layer's, the router with deviation 0.02, so
 * that routing starts nearly even.
 * @param name of the block, without the dot after it
 * @param width of a token
 * @param deviations of weights that read a token, and of those that write one
 */
export function mixtureSpecs(
  name: string,
  experts: number,
  width: number,
  intermediate: number,
  deviations: { readonly reading: number; readonly writing: number },
): ParameterSpecs {
  const specs: ParameterSpecs = {};
  specs[`${name}.gate.weight`] = { shape: [experts, width], initial: { normal: 0.02 } };
  for (let i = 0; i < experts; i++) {
    const expert = `${name}.experts.${i}`;
    specs[`${expert}.w1.weight`] = { shape: [intermediate, width], initial: { normal: deviations.reading } };
    specs[`${expert}.w2.weight`] = { shape: [width, intermediate], initial: { normal: deviations.writing } };
    specs[`${expert}.w3.weight`] = { shape: [intermediate, width], initial: { normal: deviations.reading } };
  }
  return specs;
}
