import type { EncoderType } from '../../config/recipe.js';
import { trainAim } from './encoders/aim.js';
import { trainClip } from './encoders/clip.js';
import type { StageRunner } from './stage-kind.js';

/** How each type of encoder is pre-trained. */
const TRAININGS: Readonly<Record<EncoderType, StageRunner<'encoder'>>> = { clip: trainClip, aim: trainAim };

/** Pre-trains an encoder on the training pictures. */
export const encoder: StageRunner<'encoder'> = (spec, context) => TRAININGS[spec.recipe.encoder.type](spec, context);
