import * as tf from '@tensorflow/tfjs-core';
import { loadEmojiCorpus, trainingImages } from '../../data/emoji/corpus.js';
import { FeatureWriter } from '../../data/feature-set.js';
import { openImageSet } from '../../data/image-set.js';
import { allPatches, cutPatches } from '../../data/patches.js';
import { evaluationItems } from '../../evaluate/tasks/index.js';
import { clipConfig } from '../../model/sizes.js';
import { patchFeatures, visionTransformer } from '../../model/vision-transformer.js';
import { loadWeights } from '../../train/checkpoint.js';
import type { StageRunner } from './stage-kind.js';

const PREFIX = 'vision_model.';
/** Pictures at a time. */
const BATCH = 32;

/** Runs the frozen encoder once over every picture that any trial will read. */
export const features: StageRunner<'features'> = async ({ recipe, concepts, evaluation }, context) => {
  const { resolution, patch } = recipe.encoder;
  const corpus = loadEmojiCorpus({ concepts });
  const set = await openImageSet(context.parent('images'));
  const asked = evaluationItems(corpus, evaluation).flatMap(({ items }) => items.map(({ image }) => image));
  const wanted = [...new Set([...trainingImages(corpus), ...asked].map(({ id }) => id))];
  const ids = wanted.filter((id) => set.indexOf(id) >= 0);

  const { vision } = clipConfig(recipe, 0);
  const weights = loadWeights(context.parent('encoder'), PREFIX);
  const writer = new FeatureWriter(context.folder);
  const kept = allPatches(resolution, patch);
  const size = 3 * patch * patch;
  for (let start = 0; start < ids.length; start += BATCH) {
    const batch = ids.slice(start, start + BATCH);
    const pixels = await set.decodeAll(batch.map((id) => set.indexOf(id)));
    const values = new Float32Array(batch.length * kept.length * size);
    batch.forEach((_, i) => {
      cutPatches(pixels, i, resolution, patch, kept, values, i * kept.length * size);
    });
    const output = tf.tidy(() => {
      const patches = tf.tensor3d(values, [batch.length, kept.length, size]);
      return patchFeatures(visionTransformer(weights, PREFIX, vision, patches));
    });
    writer.append(batch, output.dataSync() as Float32Array);
    output.dispose();
    await context.progress({ done: start + batch.length, total: ids.length });
  }
  writer.close(kept.length, vision.hidden_size);
  tf.dispose(weights);
  await set.close();
  return { pictures: ids.length, patches: kept.length, width: vision.hidden_size };
};
