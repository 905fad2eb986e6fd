import { dispose } from '@tensorflow/tfjs-core';
import { saveWeights } from '../../train/checkpoint.js';
import { type Batch, type Training, train } from '../../train/loop.js';
import type { StageContext } from './stage-kind.js';

/** Steps between two recorded losses: about two hundred points a curve, whatever its length. */
function interval(steps: number): number {
  return Math.max(1, Math.floor(steps / 200));
}

/**
 * Trains as part of a stage: shows every step, records losses, writes the weights into the stage's folder.
 * @returns number of scalars trained, and the loss of the last step
 */
export async function trainStage<B extends Batch>(
  context: StageContext,
  training: Omit<Training<B>, 'onStep'>,
): Promise<{ parameters: number; loss: number }> {
  const { steps } = training;
  let last = Number.NaN;
  const trained = await train({
    ...training,
    async onStep({ step, loss, gradientNorm, learningRate }) {
      last = loss;
      if (step % interval(steps) === 0 || step === 1 || step === steps) {
        context.metric(step, 'loss', loss);
        context.metric(step, 'gradient_norm', gradientNorm);
        context.metric(step, 'learning_rate', learningRate);
      }
      await context.progress({ done: step, total: steps, loss });
    },
  });
  saveWeights(context.folder, trained);
  const parameters = Object.values(trained).reduce((total, { size }) => total + size, 0);
  dispose([training.parameters, trained]);
  return { parameters, loss: last };
}
