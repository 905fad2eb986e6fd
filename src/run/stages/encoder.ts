import type { EncoderType } from '../../config/recipe.js';
import type { EncoderTrainingSpec } from '../../plan/stage.js';
import { trainAim } from './encoders/aim.js';
import { loadEncoder } from './encoders/checkpoint.js';
import { trainClip } from './encoders/clip.js';
import type { StageContext, StageRunner, Summary } from './stage-kind.js';

/** How each type of encoder is pre-trained. */
const TRAININGS: Readonly<Record<EncoderType, (spec: EncoderTrainingSpec, context: StageContext) => Promise<Summary>>> =
  { clip: trainClip, aim: trainAim };

/** Pre-trains an encoder on captioned pictures, or takes a published one. */
export const encoder: StageRunner<'encoder'> = (spec, context) =>
  'loaded' in spec ? loadEncoder(spec.loaded, context) : TRAININGS[spec.recipe.encoder.type](spec, context);
