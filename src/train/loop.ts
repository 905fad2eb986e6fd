import * as tf from '@tensorflow/tfjs-core';
import type { Precision, ScheduleName } from '../config/recipe.js';
import { Mm1Error } from '../errors.js';
import type { Parameters } from '../model/parameters.js';
import type { AdamWConfig } from './adamw.js';
import { type Batch, tensorsOf } from './batches/arrays.js';
import type { Batches } from './batches/batches.js';
import { scheduleShare } from './schedule.js';
import type { TrainingState } from './state.js';
import { openUpdates } from './update.js';

/** What one update said. */
export interface StepReport {
  /** Updates done, from 1. */
  readonly step: number;
  /** Null where it was not read. */
  readonly loss: number | null;
  /** Before clipping; null where it was not read. */
  readonly gradientNorm: number | null;
  readonly learningRate: number;
  /** Seconds of this update in which the loop waited for batches, and made tensors of them. */
  readonly waited: number;
  /** What the source of the batches remembers of all updates so far. */
  readonly data: unknown;
}

/** One training, whole. */
export interface Training<B extends Batch> {
  /** Weights that learn, as they start. */
  readonly parameters: Parameters;
  /** Weights that stay as they are; whoever gave them disposes of them. */
  readonly frozen?: Parameters;
  /** Mean loss of a batch, of all weights: a pure function, which is compiled. */
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
  /** What matrix products are computed in; float32 if left out. */
  readonly precision?: Precision;
  readonly adam: AdamWConfig;
  /** Multiplies a weight's learning rate; 1 if left out. */
  readonly rateOf?: (name: string) => number;
  /** Where to go on from; the loop disposes of its tensors. */
  readonly from?: TrainingState | null;
  /** Whether a step's loss is read: a device goes on by itself until something is. Every one if left out. */
  readonly reads?: (step: number) => boolean;
  /**
   * Called after every update; may wait, and may throw to end the training. Where the training stands is read only if it is
   * asked for: its tensors are then the asker's to dispose of.
   */
  readonly onStep: (report: StepReport, stand: () => TrainingState) => void | Promise<void>;
}

/** The rate ends at a tenth of its peak (MM1, section 3.3). */
const FLOOR = 0.1;

/**
 * Trains with AdamW, a warm-up and a schedule.
 * @returns the trained weights, under their names; the caller disposes of them
 * @throws Mm1Error E_DIVERGED if a loss or a gradient is no longer a number
 */
export async function train<B extends Batch>(training: Training<B>): Promise<Parameters> {
  const { steps, warmup, schedule = 'cosine', batches, accumulate: parts = 1, reads = () => true } = training;
  const first = training.from?.step ?? 0;
  let data: unknown = training.from?.data ?? null;
  let waited = 0;
  async function next(): Promise<B> {
    const start = performance.now();
    const made = await batches.next();
    data = made.data;
    const batch = tensorsOf(made.arrays);
    waited += (performance.now() - start) / 1000;
    return batch;
  }
  const updates = openUpdates(training);
  try {
    batches.begin({ first, steps, parts, data });
    for (let step = first; step < steps; step++) {
      const learningRate =
        training.learningRate * scheduleShare(schedule, { step: step + 1, steps, warmup, floor: FLOOR });
      const said = await updates.next(next, step + 1, learningRate);
      const read = reads(step + 1) || step + 1 === steps;
      const [[loss = null], [gradientNorm = null]] = read
        ? await Promise.all([said.loss.data(), said.gradientNorm.data()])
        : [[], []];
      tf.dispose(said);
      const report = { step: step + 1, loss, gradientNorm, learningRate, waited, data };
      waited = 0;
      assertFinite(report);
      await training.onStep(report, () => ({ step: step + 1, adam: updates.read(), data }));
    }
    const { weights, mean, square } = updates.read();
    tf.dispose([mean, square]);
    return weights;
  } finally {
    updates.dispose();
  }
}

function assertFinite({ step, loss, gradientNorm }: StepReport): void {
  if ([loss, gradientNorm].every((value) => value === null || Number.isFinite(value))) return;
  throw new Mm1Error(`the training diverged at step ${step}: loss ${loss}, gradient norm ${gradientNorm}`, {
    code: 'E_DIVERGED',
    remedy: 'Lower the learning rate or lengthen the warm-up of this variant.',
  });
}
