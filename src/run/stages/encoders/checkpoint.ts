import { dispose } from '@tensorflow/tfjs-core';
import type { LoadedEncoder } from '../../../config/recipe.js';
import { loadVisionTower, saveVisionTower } from '../../../model/huggingface/index.js';
import { patchCount } from '../../../model/vision-transformer.js';
import { unchanged } from '../../../plan/checkpoints.js';
import type { StageContext, Summary } from '../stage-kind.js';

/** Takes a published vision tower of CLIP, its positions interpolated where the recipe's pictures have another size. */
export async function loadEncoder(encoder: LoadedEncoder, context: StageContext): Promise<Summary> {
  const folder = unchanged('encoder', context.published(), encoder.checkpoint);
  const { config, parameters } = loadVisionTower(folder, { resolution: encoder.resolution });
  await saveVisionTower(context.folder, config, parameters);
  const scalars = Object.values(parameters).reduce((total, { size }) => total + size, 0);
  dispose(parameters);
  return { checkpoint: encoder.checkpoint.sha256, parameters: scalars, patches: patchCount(config) };
}
