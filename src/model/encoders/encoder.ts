import type * as tf from '@tensorflow/tfjs-core';
import type { Recipe } from '../../config/recipe.js';
import type { ParameterSpecs, Parameters } from '../parameters.js';

/** What an encoder reads of a recipe. */
export type EncoderRecipe = Pick<Recipe, 'scale' | 'encoder'>;

/** A way from a picture's patches to the features that a connector reads. */
export interface Encoder {
  /** What the names of the tower's weights start with in its checkpoint. */
  readonly prefix: string;
  /** Width of a patch's feature. */
  width(recipe: EncoderRecipe): number;
  /** Weights that the features depend on, under their full names, and how each starts. */
  specs(recipe: EncoderRecipe): ParameterSpecs;
  /**
   * @param parameters weights under their full names
   * @param patches the whole picture, [batch, patches, 3 x patch x patch], row-major, each in (channel, row, column)
   *   order, normalised with CLIP's mean and deviation
   * @returns [batch, patches, width]
   */
  features(parameters: Parameters, recipe: EncoderRecipe, patches: tf.Tensor3D): tf.Tensor3D;
}
