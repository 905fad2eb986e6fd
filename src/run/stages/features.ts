import * as tf from '@tensorflow/tfjs-core';
import { FeatureWriter } from '../../data/feature-set.js';
import { openPatches } from '../../data/pictures.js';
import { ENCODERS } from '../../model/encoders/index.js';
import { loadWeights } from '../../train/checkpoint.js';
import type { StageRunner } from './stage-kind.js';

/** Pictures at a time. */
const BATCH = 32;

/** Runs the frozen encoder once over every picture of a folder. */
export const features: StageRunner<'features'> = async ({ recipe }, context) => {
  const { resolution, patch, type } = recipe.encoder;
  const pictures = await openPatches([context.parent('pictures')], resolution, patch);
  const { ids } = pictures;
  const encoder = ENCODERS[type];
  const weights = loadWeights(context.parent('encoder'), encoder.prefix);
  const writer = new FeatureWriter(context.folder);
  try {
    for (let start = 0; start < ids.length; start += BATCH) {
      const batch = ids.slice(start, start + BATCH);
      const values = await pictures.read(batch);
      const patches = tf.tensor3d(values, [batch.length, ...pictures.shape]);
      const output = tf.tidy(() => encoder.features(weights, recipe, patches));
      writer.append(batch, output.dataSync() as Float32Array);
      tf.dispose([patches, output]);
      await context.progress({ done: start + batch.length, total: ids.length });
    }
  } finally {
    tf.dispose(weights);
    await pictures.close();
  }
  const [patches, width] = [(resolution / patch) ** 2, encoder.width(recipe)];
  writer.close(patches, width);
  return { pictures: ids.length, patches, width };
};
