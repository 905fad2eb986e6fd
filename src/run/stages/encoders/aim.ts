import { fixedSeed } from '../../../config/own-seed.js';
import { aimSpecs } from '../../../model/aim.js';
import { aimHeadSpecs, aimLoss } from '../../../model/aim-objective.js';
import { countParameters, initialise } from '../../../model/parameters.js';
import { aimConfig, aimHeadConfig } from '../../../model/sizes.js';
import type { EncoderTrainingSpec } from '../../../plan/stage.js';
import { openBatches } from '../../../train/batches/open.js';
import { saveWeights } from '../../../train/checkpoint.js';
import type { StageContext, Summary } from '../stage-kind.js';
import { trainStage } from '../training.js';

/** AIM's own betas, weight decay and clipping (El-Nouby et al., 2024, appendix; recalled). */
const ADAM = { beta1: 0.9, beta2: 0.95, epsilon: 1e-8, weightDecay: 0.05, clip: 1 };
const WARMUP_SHARE = 0.1;

/** Pre-trains AIM's trunk with the loss of the next patch; the head that predicts it is thrown away. Texts have no part in it. */
export async function trainAim({ recipe }: EncoderTrainingSpec, context: StageContext): Promise<Summary> {
  const { steps, batch, resolution, patch, data } = recipe.encoder;
  const { keep_patches: keepPatches, learning_rate: learningRate } = recipe.encoder;
  const seed = fixedSeed(recipe.encoder.seed);
  const config = aimConfig(recipe);
  const trunk = aimSpecs(config);
  const head = aimHeadSpecs(config, aimHeadConfig(recipe));
  const trained = await trainStage(context, {
    open: () => openBatches('autoregressive', { corpus: context.parent('corpus'), batch, patch, keepPatches, seed }),
    parameters: initialise({ ...trunk, ...head }, seed),
    loss: (weights, drawn) => aimLoss(weights, config, resolution / patch, drawn),
    steps,
    learningRate,
    warmup: Math.round(steps * WARMUP_SHARE),
    adam: ADAM,
    precision: recipe.precision,
    seed,
    save: (folder, weights) =>
      saveWeights(folder, Object.fromEntries(Object.keys(trunk).map((name) => [name, weights[name]!]))),
  });
  return {
    parameters: countParameters(trunk),
    'head parameters': countParameters(head),
    'trained on': data,
    ...trained.facts,
    ...trained.waiting,
    loss: trained.loss,
  };
}
