import { dispose } from '@tensorflow/tfjs-core';
import { isOnGpu } from '../../engine/on-gpu.js';
import { Mm1Error } from '../../errors.js';
import type { Parameters } from '../../model/parameters.js';
import type { Batch } from '../../train/batches/arrays.js';
import type { Batches } from '../../train/batches/batches.js';
import { saveWeights } from '../../train/checkpoint.js';
import { type Training, train } from '../../train/loop.js';
import { loadState, removeState, saveState, type TrainingState } from '../../train/state.js';
import type { StageContext } from './stage-kind.js';

/** Milliseconds between two checkpoints, at least. */
const EVERY = 20_000;
/** A checkpoint is written once its predecessor's writing was at most one part in this of the time since. */
const SHARE = 20;

/** Steps between two recorded losses: about two hundred points a curve, whatever its length. */
function interval(steps: number): number {
  return Math.max(1, Math.floor(steps / 200));
}

/** What a stage trains. */
export interface StageTraining<B extends Batch> extends Omit<Training<B>, 'batches' | 'onStep' | 'from' | 'reads'> {
  /** Opens the batches; the training closes them, however it ends. */
  readonly open: () => Promise<Batches<B>>;
  /** Seed of everything that the batches draw. */
  readonly seed: number;
  /** Weights that stay as they are, and are written with the others. */
  readonly frozen?: Parameters;
  /** Writes the result; all weights in one file if left out. */
  readonly save?: (folder: string, weights: Parameters) => Promise<void>;
}

/** What a stage's training came to. */
export interface StageTrained {
  /** Number of scalars trained. */
  readonly parameters: number;
  /** Of the last step. */
  readonly loss: number;
  /** How long the steps waited for their batches: the share of their time, and the first step, whose batch nobody made ahead. */
  readonly waiting: { readonly 'waiting for data, %': number; readonly 'waiting in the first step, s': number };
  /** What the batches were drawn from, and what their source remembers of all steps: see BatchSource. */
  readonly facts: Batches<Batch>['facts'];
  readonly data: unknown;
}

/**
 * Trains as part of a stage: goes on from the stage's checkpoint if there is one, shows every step, records losses,
 * keeps checkpoints, writes the weights into the stage's folder.
 */
export async function trainStage<B extends Batch>(
  context: StageContext,
  training: StageTraining<B>,
): Promise<StageTrained> {
  const { steps, seed, frozen = {}, save = saveWeights } = training;
  const from = resume(context, training);
  const batches = await training.open();
  let last = Number.NaN;
  let data: unknown = from?.data ?? null;
  let saved = performance.now();
  let cost = 0;
  const waits: number[] = [];
  const isRecorded = (step: number) => step % interval(steps) === 0 || step === 1 || step === steps;
  const started = performance.now();
  const trained = await train({
    ...training,
    batches,
    from,
    ...(isOnGpu() && { reads: isRecorded }),
    async onStep({ step, loss, gradientNorm, learningRate, waited, data: drawn }, stand) {
      last = loss ?? last;
      data = drawn;
      waits.push(waited);
      if (loss !== null && gradientNorm !== null && isRecorded(step)) {
        context.metric(step, 'loss', loss);
        context.metric(step, 'gradient_norm', gradientNorm);
        context.metric(step, 'learning_rate', learningRate);
      }
      const keep = async () => {
        const started = performance.now();
        const state = stand();
        await saveState(context.checkpoints, seed, state, context.stopwatch.seconds);
        dispose(state.adam);
        saved = performance.now();
        cost = saved - started;
      };
      if (step < steps && performance.now() - saved >= Math.max(EVERY, SHARE * cost)) await keep();
      try {
        await context.progress({ done: step, total: steps, loss: last });
      } catch (stopped) {
        // Asked to stop: the work so far is kept.
        await keep();
        throw stopped;
      }
    },
  }).finally(() => batches.close());
  const seconds = (performance.now() - started) / 1000;
  await save(context.folder, { ...trained, ...frozen });
  const parameters = Object.values(trained).reduce((total, { size }) => total + size, 0);
  dispose([training.parameters, frozen, trained]);
  const waiting = {
    'waiting for data, %': (100 * waits.reduce((sum, waited) => sum + waited, 0)) / seconds,
    'waiting in the first step, s': waits[0] ?? 0,
  };
  return { parameters, loss: last, waiting, facts: batches.facts, data };
}

/** Where an earlier attempt at this stage stood; null where there was none, or its checkpoint is of no use. */
function resume<B extends Batch>(context: StageContext, training: StageTraining<B>): TrainingState | null {
  try {
    const state = loadState(context.checkpoints, training.parameters, training.seed);
    if (!state) return null;
    context.stopwatch.goOnFrom(state.seconds);
    context.note(`goes on after step ${state.step} of ${training.steps}`);
    return state;
  } catch (error) {
    if (!(error instanceof Mm1Error)) throw error;
    context.note(`starts over: ${error.message}`);
    removeState(context.checkpoints);
    return null;
  }
}
