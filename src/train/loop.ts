import * as tf from '@tensorflow/tfjs-core';
import type { ScheduleName } from '../config/recipe.js';
import { Mm1Error } from '../errors.js';
import type { Parameters } from '../model/parameters.js';
import { type AdamWConfig, type AdamWGroups, adamW, adamWScalars, adamWStart } from './adamw.js';
import { type Batch, tensorsOf } from './batches/arrays.js';
import type { Batches } from './batches/batches.js';
import { flatten, type Layout, layoutOf, spread, unflatten } from './flat.js';
import { scheduleShare } from './schedule.js';
import type { TrainingState } from './state.js';

/** What one update said. */
export interface StepReport {
  /** Updates done, from 1. */
  readonly step: number;
  readonly loss: number;
  /** Before clipping. */
  readonly gradientNorm: number;
  readonly learningRate: number;
  /** Seconds of this update in which the loop waited for batches, and made tensors of them. */
  readonly waited: number;
}

/** One training, whole. */
export interface Training<B extends Batch> {
  /** Weights that learn, as they start. */
  readonly parameters: Parameters;
  /** Mean loss of a batch. */
  readonly loss: (parameters: Parameters, batch: B) => tf.Scalar;
  /** What the loss is the mean over: parts of an update count by it. 1 if left out. */
  readonly weight?: (batch: B) => tf.Scalar;
  /** Not begun yet; whoever opened them closes them. */
  readonly batches: Batches<B>;
  /** Parts of an update: gradients are averaged over them, as if they were one batch. */
  readonly accumulate?: number;
  readonly steps: number;
  readonly learningRate: number;
  readonly warmup: number;
  readonly schedule?: ScheduleName;
  readonly adam: AdamWConfig;
  /** Multiplies a weight's learning rate; 1 if left out. */
  readonly rateOf?: (name: string) => number;
  /** Where to go on from; the loop disposes of its tensors. */
  readonly from?: TrainingState | null;
  /** Called after every update with the state to keep, if it is to be kept; may wait, and may throw to end the training. */
  readonly onStep: (report: StepReport, state: TrainingState, layout: Layout) => void | Promise<void>;
}

/** The rate ends at a tenth of its peak (MM1, section 3.3). */
const FLOOR = 0.1;

/** Loss and gradient of an update, on the device. */
type Slope = { readonly loss: tf.Tensor; readonly gradient: tf.Tensor1D };
/** A sum of slopes, each times its weight, and the sum of the weights. */
type SlopeSum = { readonly loss: tf.Tensor; readonly gradient: tf.Tensor1D; readonly weight: tf.Tensor };

/**
 * Trains with AdamW, a warm-up and a schedule.
 * @returns the trained weights, under their names; the caller disposes of them
 * @throws Mm1Error E_DIVERGED if a loss or a gradient is no longer a number
 */
export async function train<B extends Batch>(training: Training<B>): Promise<Record<string, tf.Tensor>> {
  const layout = layoutOf(training.parameters);
  const groups: AdamWGroups = {
    rate: spread(layout, training.rateOf ?? (() => 1)),
    decay: spread(layout, (_, shape) => (shape.length < 2 ? 0 : 1)),
  };
  const { steps, warmup, schedule = 'cosine' } = training;
  let adam =
    training.from?.adam ?? tf.tidy(() => adamWStart(flatten(layout.names.map((name) => training.parameters[name]!))));
  const first = training.from?.step ?? 0;
  let data: unknown = training.from?.data ?? null;
  let waited = 0;
  const { batches, accumulate: parts = 1 } = training;
  async function next(): Promise<B> {
    const start = performance.now();
    const made = await batches.next();
    data = made.data;
    const batch = tensorsOf(made.arrays);
    waited += (performance.now() - start) / 1000;
    return batch;
  }
  try {
    batches.begin({ first, steps, parts, data });
    for (let step = first; step < steps; step++) {
      const learningRate =
        training.learningRate * scheduleShare(schedule, { step: step + 1, steps, warmup, floor: FLOOR });
      const slope = await slopeOf(training, layout, adam.weights, next);
      const { state, gradientNorm } = tf.tidy(() =>
        adamW(training.adam, groups, adam, slope.gradient, adamWScalars(training.adam, step + 1, learningRate)),
      );
      const report = {
        step: step + 1,
        loss: slope.loss.dataSync()[0]!,
        gradientNorm: gradientNorm.dataSync()[0]!,
        learningRate,
        waited,
      };
      waited = 0;
      tf.dispose([adam, slope, gradientNorm]);
      adam = state;
      assertFinite(report);
      await training.onStep(report, { step: step + 1, adam, data }, layout);
    }
    return tf.tidy(() => unflatten(layout, adam.weights));
  } finally {
    tf.dispose([adam, groups]);
  }
}

/** Loss and gradient of one update: the mean over its parts, each by its weight. */
async function slopeOf<B extends Batch>(
  training: Training<B>,
  layout: Layout,
  weights: tf.Tensor1D,
  next: () => Promise<B>,
): Promise<Slope> {
  const parts = training.accumulate ?? 1;
  if (parts === 1) {
    const batch = await next();
    const slope = tf.tidy(() => differentiate(training, layout, weights, batch));
    tf.dispose(batch);
    return slope;
  }
  let sum: SlopeSum = { loss: tf.scalar(0), gradient: tf.zeros([layout.total]), weight: tf.scalar(0) };
  for (let part = 0; part < parts; part++) {
    const batch = await next();
    const before = sum;
    sum = tf.tidy((): SlopeSum => {
      const { loss, gradient } = differentiate(training, layout, weights, batch);
      const weight: tf.Tensor = training.weight?.(batch) ?? tf.scalar(1);
      return {
        loss: tf.add(before.loss, tf.mul(loss, weight)),
        gradient: tf.add(before.gradient, tf.mul(gradient, weight)),
        weight: tf.add(before.weight, weight),
      };
    });
    tf.dispose([before, batch]);
  }
  const { loss, gradient, weight } = sum;
  const slope = tf.tidy((): Slope => ({ loss: tf.div(loss, weight), gradient: tf.div(gradient, weight) }));
  tf.dispose(sum);
  return slope;
}

/** Loss of one batch, and its gradient as one vector. */
function differentiate<B extends Batch>(training: Training<B>, layout: Layout, weights: tf.Tensor1D, batch: B): Slope {
  const parameters = unflatten(layout, weights);
  const objective = (...tensors: tf.Tensor[]) =>
    training.loss(Object.fromEntries(layout.names.map((name, i) => [name, tensors[i]!])), batch);
  const { value, grads } = tf.valueAndGrads(objective)(layout.names.map((name) => parameters[name]!));
  return { loss: value, gradient: flatten(grads) };
}

function assertFinite({ step, loss, gradientNorm }: StepReport): void {
  if (Number.isFinite(loss) && Number.isFinite(gradientNorm)) return;
  throw new Mm1Error(`the training diverged at step ${step}: loss ${loss}, gradient norm ${gradientNorm}`, {
    code: 'E_DIVERGED',
    remedy: 'Lower the learning rate or lengthen the warm-up of this variant.',
  });
}
