import * as tf from '@tensorflow/tfjs-core';
import { openState } from '../engine/compile.js';
import { inPrecision } from '../engine/precision.js';
import type { Parameters } from '../model/parameters.js';
import { type AdamWScalars, type AdamWState, adamW, adamWScalars, adamWStart, mapped } from './adamw.js';
import type { Batch } from './batches/arrays.js';
import { type Bundles, bundled, bundlesOf, mappedBundles, unbundled } from './bundles.js';
import type { Training } from './loop.js';

/** A sum of parts' losses and gradients, a vector a bundle, each times its weight; and the sum of the weights. */
type Slope = { readonly loss: tf.Tensor; readonly gradients: Parameters; readonly weight: tf.Tensor };
/** Everything that stays on the device from update to update: weights and moments as bundles' vectors. */
type UpdateState = { readonly adam: AdamWState; readonly sum: Slope | null };
/** What a part of an update reads. */
type Part<B extends Batch> = { readonly batch: B; readonly frozen: Parameters };
/** What the last part of an update, or its only one, reads. */
type Whole<B extends Batch> = Part<B> & { readonly scalars: AdamWScalars };

/** Updates of a training's weights, one after another. */
export interface Updates<B extends Batch> {
  /** Draws the batches of one update and makes it: the t-th, from 1. What it said is still on the device, and the caller's to dispose of. */
  next(draw: () => Promise<B>, t: number, learningRate: number): Promise<{ loss: tf.Tensor; gradientNorm: tf.Tensor }>;
  /** Weights and moments as they stand; the caller disposes of them. */
  read(): AdamWState;
  dispose(): void;
}

/**
 * Puts weights and moments on the device. An update is one program: loss, gradients, clipping and AdamW. Where it has several
 * parts, all but the last go through a program that adds to a sum.
 */
export function openUpdates<B extends Batch>(training: Training<B>): Updates<B> {
  const { parameters, accumulate: parts = 1, frozen = {}, rateOf = () => 1 } = training;
  const bundles = bundlesOf(parameters, rateOf);
  const order = Object.keys(parameters);
  const groups = { rate: (rule: string) => bundles[rule]!.rate, decay: (rule: string) => bundles[rule]!.decay };
  const { from } = training;
  const adam = tf.tidy(() => {
    if (!from) return adamWStart(bundled(bundles, parameters));
    const { weights, mean, square } = from.adam;
    return {
      weights: bundled(bundles, weights),
      mean: bundled(bundles, mean),
      square: bundled(bundles, square),
    };
  });
  tf.dispose(from?.adam ?? []);
  const sum = parts === 1 ? null : nothing(bundles);
  const state = openState<UpdateState>({ adam, sum });
  tf.dispose([adam, sum ?? []]);

  const added = ({ adam, sum }: UpdateState, { batch, frozen: kept }: Part<B>): Slope => {
    const weights = unbundled(bundles, adam.weights, order);
    const { loss, gradients: named } = differentiate(training, weights, kept, batch);
    const gradients = bundled(bundles, named);
    if (!sum) return { loss, gradients, weight: tf.scalar(1) };
    const weight: tf.Tensor = training.weight?.(batch) ?? tf.scalar(1);
    return {
      loss: tf.add(sum.loss, tf.mul(loss, weight)),
      gradients: mapped(gradients, (gradient, name) => tf.add(sum.gradients[name]!, tf.mul(gradient, weight))),
      weight: tf.add(sum.weight, weight),
    };
  };
  const part = state.step('part', (before, given: Part<B>) => [{ adam: before.adam, sum: added(before, given) }, null]);
  const update = state.step('update', (before, given: Whole<B>) => {
    const { loss, gradients, weight } = added(before, given);
    const mean = (x: tf.Tensor) => (before.sum ? tf.div(x, weight) : x);
    const { state: after, gradientNorm } = adamW(
      training.adam,
      groups,
      before.adam,
      mapped(gradients, mean),
      given.scalars,
    );
    return [
      { adam: after, sum: before.sum && nothing(bundles) },
      { loss: mean(loss), gradientNorm },
    ];
  });

  return {
    async next(draw, t, learningRate) {
      for (let i = 1; i < parts; i++) await drawn(draw, (batch) => part({ batch, frozen }));
      return drawn(draw, (batch) => {
        const scalars = adamWScalars(training.adam, t, learningRate);
        const last = update({ batch, frozen, scalars });
        tf.dispose(scalars);
        return last;
      });
    },
    read() {
      const { adam: stand, sum: unfinished } = state.read();
      const named = (vectors: Parameters) => unbundled(bundles, vectors, order);
      const { weights, mean, square } = stand;
      const read = tf.tidy(() => ({ weights: named(weights), mean: named(mean), square: named(square) }));
      tf.dispose([stand, unfinished ?? []]);
      return read;
    },
    dispose: () => state.dispose(),
  };
}

/** Loss of one batch, and its gradient by every weight that learns. */
function differentiate<B extends Batch>(
  training: Training<B>,
  weights: Parameters,
  frozen: Parameters,
  batch: B,
): { loss: tf.Tensor; gradients: Parameters } {
  const names = Object.keys(weights);
  const objective = (...tensors: tf.Tensor[]) =>
    training.loss({ ...frozen, ...Object.fromEntries(names.map((name, i) => [name, tensors[i]!])) }, batch);
  const differentiated = tf.valueAndGrads(objective);
  const { value, grads } = inPrecision(training.precision ?? 'fp32', () =>
    differentiated(names.map((name) => weights[name]!)),
  );
  return { loss: value, gradients: Object.fromEntries(names.map((name, i) => [name, grads[i]!])) };
}

/** Computes with the next batch, which is then gone. */
async function drawn<B extends Batch, Result>(draw: () => Promise<B>, compute: (batch: B) => Result): Promise<Result> {
  const batch = await draw();
  const result = compute(batch);
  tf.dispose(batch);
  return result;
}

const nothing = (bundles: Bundles): Slope => ({
  loss: tf.scalar(0),
  gradients: mappedBundles(bundles, ({ sizes }) => tf.zeros([sizes.reduce((total, size) => total + size, 0)])),
  weight: tf.scalar(0),
});
