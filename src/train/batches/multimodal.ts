import type * as tf from '@tensorflow/tfjs-core';
import { openPictures, type PicturesSpec } from '../../data/pictures.js';
import type { LanguageBatch } from '../../model/multimodal.js';
import type { BatchSource } from './batch-source.js';
import { type DrawnBatchSettings, drawnBatches } from './drawn-batches.js';
import { languageArrays } from './language.js';

/** Sequences, and what the model is shown of the pictures in them. */
export type MultimodalBatch = LanguageBatch & {
  /** [pictures, patches, width] */
  readonly pictures: tf.Tensor3D;
};

/**
 * Sequences of every kind of data; remembers how much it drew.
 * @throws Mm1Error as drawnBatches and openPictures do
 */
export async function openMultimodal(
  settings: DrawnBatchSettings & { readonly pictures: PicturesSpec },
): Promise<BatchSource<MultimodalBatch>> {
  const shown = await openPictures(settings.pictures);
  const { next, restore, close } = drawnBatches(settings);
  return {
    facts: {},
    async make(step, part) {
      const { packed, drawn } = next(step, part);
      const values = await shown.read(packed.images);
      const shape: [number, number, number] = [packed.images.length, ...shown.shape];
      return { arrays: { ...languageArrays(packed), pictures: { values, shape } }, data: drawn };
    },
    restore,
    async close() {
      await close();
      await shown.close();
    },
  };
}
