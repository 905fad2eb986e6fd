import * as tf from '@tensorflow/tfjs-core';
import { Mm1Error } from '../errors.js';
import type { Parameters } from '../model/parameters.js';
import { type AdamWConfig, type AdamWGroups, type AdamWState, adamW, adamWScalars, adamWStart } from './adamw.js';
import { flatten, type Layout, layoutOf, spread, unflatten } from './flat.js';
import { warmupCosine } from './schedule.js';

/** Tensors of one step, by name. */
export type Batch = Readonly<Record<string, tf.Tensor>>;

/** What one update said. */
export interface StepReport {
  /** Updates done, from 1. */
  readonly step: number;
  readonly loss: number;
  /** Before clipping. */
  readonly gradientNorm: number;
  readonly learningRate: number;
}

/** One training, whole. */
export interface Training<B extends Batch> {
  readonly parameters: Parameters;
  readonly loss: (parameters: Parameters, batch: B) => tf.Scalar;
  /** Tensors of one step, from 0; the loop disposes of them. */
  readonly batch: (step: number) => B | Promise<B>;
  readonly steps: number;
  readonly learningRate: number;
  readonly warmup: number;
  readonly adam: AdamWConfig;
  /** Multiplies a weight's learning rate; 1 if left out. */
  readonly rateOf?: (name: string) => number;
  /** Called after every update; may wait, and may throw to end the training. */
  readonly onStep: (report: StepReport) => void | Promise<void>;
}

/** The rate ends at a tenth of its peak (MM1, section 3.3). */
const FLOOR = 0.1;

/**
 * Trains with AdamW, warm-up and cosine.
 * @returns the trained weights, under their names; the caller disposes of them
 * @throws Mm1Error E_DIVERGED if a loss or a gradient is no longer a number
 */
export async function train<B extends Batch>(training: Training<B>): Promise<Record<string, tf.Tensor>> {
  const layout = layoutOf(training.parameters);
  const groups: AdamWGroups = {
    rate: spread(layout, training.rateOf ?? (() => 1)),
    decay: spread(layout, (_, shape) => (shape.length < 2 ? 0 : 1)),
  };
  let state = tf.tidy(() => adamWStart(flatten(layout.names.map((name) => training.parameters[name]!))));
  for (let step = 0; step < training.steps; step++) {
    const batch = await training.batch(step);
    const rate = training.learningRate * warmupCosine(step + 1, training.steps, training.warmup, FLOOR);
    const result = update(training, layout, groups, state, batch, step + 1, rate);
    tf.dispose([state, batch]);
    state = result.state;
    if (!Number.isFinite(result.loss) || !Number.isFinite(result.gradientNorm)) {
      tf.dispose([state, groups]);
      throw new Mm1Error(
        `the training diverged at step ${step + 1}: loss ${result.loss}, gradient norm ${result.gradientNorm}`,
        { code: 'E_DIVERGED', remedy: 'Lower the learning rate or lengthen the warm-up of this variant.' },
      );
    }
    await training.onStep({
      step: step + 1,
      loss: result.loss,
      gradientNorm: result.gradientNorm,
      learningRate: rate,
    });
  }
  const trained = tf.tidy(() => unflatten(layout, state.weights));
  tf.dispose([state, groups]);
  return trained;
}

/** One update as a pure function of (weights, optimizer state, batch), and the two numbers that come to the host. */
function update<B extends Batch>(
  training: Training<B>,
  layout: Layout,
  groups: AdamWGroups,
  state: AdamWState,
  batch: B,
  t: number,
  rate: number,
): { state: AdamWState; loss: number; gradientNorm: number } {
  const { next, loss, gradientNorm } = tf.tidy(() => {
    const parameters = unflatten(layout, state.weights);
    const objective = (...weights: tf.Tensor[]) =>
      training.loss(Object.fromEntries(layout.names.map((name, i) => [name, weights[i]!])), batch);
    const { value, grads } = tf.valueAndGrads(objective)(layout.names.map((name) => parameters[name]!));
    const scalars = adamWScalars(training.adam, t, rate);
    const result = adamW(training.adam, groups, state, flatten(grads), scalars);
    return { next: result.state, loss: value, gradientNorm: result.gradientNorm };
  });
  const numbers = { loss: loss.dataSync()[0]!, gradientNorm: gradientNorm.dataSync()[0]! };
  tf.dispose([loss, gradientNorm]);
  return { state: next, ...numbers };
}
