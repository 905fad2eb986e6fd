import { visionConfig } from '../sizes.js';
import { patchFeatures, visionBlocks, visionSpecs } from '../vision-transformer.js';
import type { Encoder } from './encoder.js';

const PREFIX = 'vision_model.';

/** CLIP's vision tower: a connector reads the last block's patches. */
export const clip: Encoder = {
  prefix: PREFIX,
  width: (recipe) => visionConfig(recipe).hidden_size,
  // The last norm is for the whole picture, which no connector reads.
  specs(recipe) {
    const all = Object.entries(visionSpecs(PREFIX, visionConfig(recipe)));
    return Object.fromEntries(all.filter(([name]) => !name.startsWith(`${PREFIX}post_layernorm.`)));
  },
  features: (parameters, recipe, patches) =>
    patchFeatures(visionBlocks(parameters, PREFIX, visionConfig(recipe), patches)),
};
