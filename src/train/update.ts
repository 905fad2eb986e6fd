import * as tf from '@tensorflow/tfjs-core';
import { openState } from '../engine/compile.js';
import type { Parameters } from '../model/parameters.js';
import { type AdamWGroups, type AdamWScalars, type AdamWState, adamW, adamWScalars, adamWStart } from './adamw.js';
import type { Batch } from './batches/arrays.js';
import { flatten, type Layout, spread, unflatten } from './flat.js';
import type { Training } from './loop.js';

/** What an update says, and what it is made from. */
type Slope = { readonly loss: tf.Tensor; readonly gradient: tf.Tensor1D };
/** A sum of slopes, each times its weight, and the sum of the weights. */
type SlopeSum = Slope & { readonly weight: tf.Tensor };
/** Everything that stays on the device from update to update. */
type UpdateState = { readonly adam: AdamWState; readonly sum: SlopeSum | null };
/** What a part of an update reads. */
type Part<B extends Batch> = { readonly batch: B; readonly frozen: Parameters };
/** What the last part of an update, or its only one, reads. */
type Whole<B extends Batch> = Part<B> & { readonly groups: AdamWGroups; readonly scalars: AdamWScalars };

/** Updates of a training's weights, one after another. */
export interface Updates<B extends Batch> {
  /** Draws the batches of one update and makes it: the t-th, from 1. */
  next(draw: () => Promise<B>, t: number, learningRate: number): Promise<{ loss: number; gradientNorm: number }>;
  /** Weights and moments as they stand; the caller disposes of them. */
  read(): AdamWState;
  dispose(): void;
}

/**
 * Puts weights and moments on the device. An update is one program: loss, gradient, clipping and AdamW. Where it has several
 * parts, all but the last go through a program that adds to a sum.
 */
export function openUpdates<B extends Batch>(training: Training<B>, layout: Layout): Updates<B> {
  const { accumulate: parts = 1, frozen = {} } = training;
  const groups: AdamWGroups = {
    rate: spread(layout, training.rateOf ?? (() => 1)),
    decay: spread(layout, (_, shape) => (shape.length < 2 ? 0 : 1)),
  };
  const adam =
    training.from?.adam ?? tf.tidy(() => adamWStart(flatten(layout.names.map((name) => training.parameters[name]!))));
  const sum = parts === 1 ? null : nothing(layout);
  const state = openState<UpdateState>({ adam, sum });
  tf.dispose([adam, sum ?? []]);

  const slopes = ({ adam, sum }: UpdateState, batch: B, kept: Parameters): SlopeSum => {
    const { loss, gradient } = differentiate(training, layout, adam.weights, kept, batch);
    if (!sum) return { loss, gradient, weight: tf.scalar(1) };
    const weight: tf.Tensor = training.weight?.(batch) ?? tf.scalar(1);
    return {
      loss: tf.add(sum.loss, tf.mul(loss, weight)),
      gradient: tf.add(sum.gradient, tf.mul(gradient, weight)),
      weight: tf.add(sum.weight, weight),
    };
  };
  const part = state.step('part', (before, { batch, frozen: kept }: Part<B>) => [
    { adam: before.adam, sum: slopes(before, batch, kept) },
    null,
  ]);
  const update = state.step('update', (before, { batch, frozen: kept, groups: fixed, scalars }: Whole<B>) => {
    const { loss, gradient, weight } = slopes(before, batch, kept);
    const mean = <T extends tf.Tensor>(x: T) => (before.sum ? (tf.div(x, weight) as T) : x);
    const { state: adam, gradientNorm } = adamW(training.adam, fixed, before.adam, mean(gradient), scalars);
    return [
      { adam, sum: before.sum && nothing(layout) },
      { loss: mean(loss), gradientNorm },
    ];
  });

  return {
    async next(draw, t, learningRate) {
      for (let i = 1; i < parts; i++) await drawn(draw, (batch) => part({ batch, frozen }));
      const said = await drawn(draw, (batch) => {
        const scalars = adamWScalars(training.adam, t, learningRate);
        const last = update({ batch, frozen, groups, scalars });
        tf.dispose(scalars);
        return last;
      });
      const [loss, gradientNorm] = [said.loss.dataSync()[0]!, said.gradientNorm.dataSync()[0]!];
      tf.dispose(said);
      return { loss, gradientNorm };
    },
    read() {
      const { adam: stand, sum: unfinished } = state.read();
      tf.dispose(unfinished ?? []);
      return stand;
    },
    dispose() {
      state.dispose();
      tf.dispose(groups);
    },
  };
}

/** Loss of one batch, and its gradient as one vector. */
function differentiate<B extends Batch>(
  training: Training<B>,
  layout: Layout,
  weights: tf.Tensor1D,
  frozen: Parameters,
  batch: B,
): Slope {
  const parameters = unflatten(layout, weights);
  const objective = (...tensors: tf.Tensor[]) =>
    training.loss({ ...frozen, ...Object.fromEntries(layout.names.map((name, i) => [name, tensors[i]!])) }, batch);
  const { value, grads } = tf.valueAndGrads(objective)(layout.names.map((name) => parameters[name]!));
  return { loss: value, gradient: flatten(grads) };
}

/** Computes with the next batch, which is then gone. */
async function drawn<B extends Batch, Result>(draw: () => Promise<B>, compute: (batch: B) => Result): Promise<Result> {
  const batch = await draw();
  const result = compute(batch);
  tf.dispose(batch);
  return result;
}

const nothing = (layout: Layout): SlopeSum => ({
  loss: tf.scalar(0),
  gradient: tf.zeros([layout.total]),
  weight: tf.scalar(0),
});
