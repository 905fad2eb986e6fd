import type { StepReport } from '../../train/loop.js';
import type { StageContext } from './stage-kind.js';

/** Steps between two recorded losses: about two hundred points a curve, whatever its length. */
function interval(steps: number): number {
  return Math.max(1, Math.floor(steps / 200));
}

/** What a stage that trains does after every step: shows it, and records it now and then. */
export function reportSteps(context: StageContext, steps: number): (report: StepReport) => Promise<void> {
  return async ({ step, loss, gradientNorm, learningRate }) => {
    if (step % interval(steps) === 0 || step === 1 || step === steps) {
      context.metric(step, 'loss', loss);
      context.metric(step, 'gradient_norm', gradientNorm);
      context.metric(step, 'learning_rate', learningRate);
    }
    await context.progress({ done: step, total: steps, loss });
  };
}
