import { openImageSet } from '../../../data/image-set.js';
import { PicturePool } from '../../../data/picture-pool.js';
import { aimSpecs } from '../../../model/aim.js';
import { aimHeadSpecs, aimLoss } from '../../../model/aim-objective.js';
import { countParameters, initialise } from '../../../model/parameters.js';
import { aimConfig, aimHeadConfig } from '../../../model/sizes.js';
import type { EncoderTrainingSpec } from '../../../plan/stage.js';
import { autoregressiveBatch } from '../../../train/autoregressive.js';
import { saveWeights } from '../../../train/checkpoint.js';
import type { StageContext, Summary } from '../stage-kind.js';
import { trainStage } from '../training.js';

/** AIM's own betas, weight decay and clipping (El-Nouby et al., 2024, appendix; recalled). */
const ADAM = { beta1: 0.9, beta2: 0.95, epsilon: 1e-8, weightDecay: 0.05, clip: 1 };
const WARMUP_SHARE = 0.1;

/** Pre-trains AIM's trunk with the loss of the next patch; the head that predicts it is thrown away. Texts have no part in it. */
export async function trainAim({ recipe }: EncoderTrainingSpec, context: StageContext): Promise<Summary> {
  const { seed, steps, batch, keep_patches: keepPatches, patch, learning_rate: learningRate, data } = recipe.encoder;
  const config = aimConfig(recipe);
  const trunk = aimSpecs(config);
  const head = aimHeadSpecs(config, aimHeadConfig(recipe));
  const set = await openImageSet(context.parent('corpus'));
  try {
    const pictures = new PicturePool(set);
    const { loss, waiting } = await trainStage(context, {
      parameters: initialise({ ...trunk, ...head }, seed),
      batch: (step) => autoregressiveBatch(pictures, { batch, patch, keepPatches, seed }, step),
      loss: (weights, drawn) => aimLoss(weights, config, pictures.resolution / patch, drawn),
      steps,
      learningRate,
      warmup: Math.round(steps * WARMUP_SHARE),
      adam: ADAM,
      seed,
      save: (folder, weights) =>
        saveWeights(folder, Object.fromEntries(Object.keys(trunk).map((name) => [name, weights[name]!]))),
    });
    return {
      parameters: countParameters(trunk),
      'head parameters': countParameters(head),
      'trained on': data,
      pictures: pictures.count,
      'waiting for data, %': waiting,
      loss,
    };
  } finally {
    await set.close();
  }
}
