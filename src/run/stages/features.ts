import * as tf from '@tensorflow/tfjs-core';
import type { Recipe } from '../../config/recipe.js';
import { FeatureWriter } from '../../data/feature-set.js';
import { openPatches } from '../../data/pictures.js';
import { compile } from '../../engine/compile.js';
import { inFittingBatches } from '../../engine/fitting.js';
import { isOnGpu } from '../../engine/on-gpu.js';
import { ENCODERS } from '../../model/encoders/index.js';
import type { Parameters } from '../../model/parameters.js';
import { loadWeights } from '../../train/checkpoint.js';
import type { StageRunner } from './stage-kind.js';

/** Pictures at a time, where memory holds them. */
const BATCH = { processor: 32, gpu: 256 };

interface Seen {
  readonly weights: Parameters;
  readonly recipe: Pick<Recipe, 'encoder' | 'scale'>;
  /** [pictures, patches, 3 x patch x patch] */
  readonly patches: tf.Tensor3D;
}

/** Features of pictures, [pictures, patches, width]. */
export const encode = compile('features', ({ weights, recipe, patches }: Seen) =>
  ENCODERS[recipe.encoder.type].features(weights, recipe, patches),
);

/** Runs the frozen encoder once over every picture of a folder. */
export const features: StageRunner<'features'> = async ({ recipe }, context) => {
  const { resolution, patch, type } = recipe.encoder;
  const pictures = await openPatches([context.parent('pictures')], resolution, patch);
  const { ids } = pictures;
  const encoder = ENCODERS[type];
  const weights = loadWeights(context.parent('encoder'), encoder.prefix);
  const writer = new FeatureWriter(context.folder);
  const [count, size] = pictures.shape;
  const most = Math.min(isOnGpu() ? BATCH.gpu : BATCH.processor, ids.length);
  let done = 0;
  const width = encoder.width(recipe);
  try {
    await inFittingBatches(ids, most, async (batch, rows) => {
      const values = new Float32Array(rows * count * size); // the last batch is padded: one program serves all
      values.set(await pictures.read(batch));
      const patches = tf.tensor3d(values, [rows, count, size]);
      try {
        const output = encode({ weights, recipe, patches });
        writer.append(batch, ((await output.data()) as Float32Array).subarray(0, batch.length * count * width));
        output.dispose();
      } finally {
        patches.dispose();
      }
      done += batch.length;
      await context.progress({ done, total: ids.length });
    });
  } finally {
    tf.dispose(weights);
    await pictures.close();
  }
  writer.close(count, width);
  return { pictures: ids.length, patches: count, width };
};
