import { aimFeatures, aimSpecs, aimTrunk } from '../aim.js';
import { aimConfig } from '../sizes.js';
import type { Encoder } from './encoder.js';

/** AIM's trunk, every patch seeing every patch: a connector reads the mean of its late blocks. */
export const aim: Encoder = {
  prefix: '',
  width: (recipe) => aimConfig(recipe).embed_dim,
  // The last norm is for the head, which a connector does without.
  specs(recipe) {
    const all = Object.entries(aimSpecs(aimConfig(recipe)));
    return Object.fromEntries(all.filter(([name]) => !name.startsWith('trunk.post_trunk_norm.')));
  },
  features(parameters, recipe, patches) {
    const grid = recipe.encoder.resolution / recipe.encoder.patch;
    return aimFeatures(aimTrunk(parameters, aimConfig(recipe), patches, { rows: grid, columns: grid }));
  },
};
