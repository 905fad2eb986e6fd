import * as tf from '@tensorflow/tfjs-core';
import { FeatureSet } from './feature-set.js';
import { openImageSet } from './image-set.js';
import { allPatches, cutPatches } from './patches.js';

/** What a model is shown of pictures: features that a frozen encoder gave once, or pixels for an encoder that learns. */
export interface Pictures {
  has(id: string): boolean;
  /**
   * Some pictures; what belongs to none (null) is zero.
   * @returns [ids, patches, feature width or 3 x patch x patch]; the caller disposes of it
   */
  read(ids: readonly (string | null)[]): Promise<tf.Tensor3D>;
  close(): Promise<void>;
}

/** Features from a folder that a FeatureWriter wrote. */
export function openFeatures(folder: string): Pictures {
  const set = new FeatureSet(folder);
  return {
    has: (id) => set.has(id),
    read: async (ids) => tf.tensor3d(set.read(ids), [ids.length, set.patches, set.width]),
    close: async () => set.close(),
  };
}

/** Patches of pixels, cut from a folder that `writeImageSet` wrote, each in (channel, row, column) order. */
export async function openPatches(folder: string, patch: number): Promise<Pictures> {
  const set = await openImageSet(folder);
  const kept = allPatches(set.resolution, patch);
  const size = 3 * patch * patch;
  return {
    has: (id) => set.indexOf(id) >= 0,
    async read(ids) {
      const values = new Float32Array(ids.length * kept.length * size);
      const rows = ids.flatMap((id, row) => (id === null ? [] : [row]));
      const pixels = await set.decodeAll(rows.map((row) => set.indexOf(ids[row]!)));
      rows.forEach((row, i) => {
        cutPatches(pixels, i, set.resolution, patch, kept, values, row * kept.length * size);
      });
      return tf.tensor3d(values, [ids.length, kept.length, size]);
    },
    close: () => set.close(),
  };
}
