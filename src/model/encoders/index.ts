import type { EncoderType } from '../../config/recipe.js';
import { aim } from './aim.js';
import { clip } from './clip.js';
import type { Encoder } from './encoder.js';

export type { Encoder, EncoderRecipe } from './encoder.js';

/** Encoders by the type that a grid gives them. */
export const ENCODERS: Record<EncoderType, Encoder> = {
  clip,
  aim,
};
