import { FeatureSet } from './feature-set.js';
import { openImageSet } from './image-set.js';
import { allPatches, cutPatches } from './patches.js';

/** What a model is shown of pictures: features that a frozen encoder gave once, or pixels for an encoder that learns. */
export interface Pictures {
  /** Every picture there is, each once. */
  readonly ids: readonly string[];
  /** Of each picture: [patches, feature width or 3 x patch x patch]. */
  readonly shape: readonly [number, number];
  /**
   * Some pictures; what belongs to none (null) is zero.
   * @returns [ids, ...shape]
   * @throws Error if one is not there: a bug of whoever drew it; Mm1Error E_IMAGE where one is damaged
   */
  read(ids: readonly (string | null)[]): Promise<Float32Array>;
  close(): Promise<void>;
}

/** Where pictures are read from: see openFeatures and openPatches. */
export type PicturesSpec = { readonly folders: readonly string[] } & (
  | { readonly features: readonly [patches: number, width: number] }
  | { readonly resolution: number; readonly patch: number }
);

/** Opens pictures. @throws Mm1Error E_IMAGE where a folder of pixels is not whole */
export async function openPictures(spec: PicturesSpec): Promise<Pictures> {
  if ('features' in spec) return openFeatures(spec.folders, spec.features);
  return openPatches(spec.folders, spec.resolution, spec.patch);
}

/**
 * Features from folders that FeatureWriters wrote; a picture that stands in several is read from the first.
 * @param shape of a picture's features: [patches, width]
 */
export function openFeatures(folders: readonly string[], [patches, width]: readonly [number, number]): Pictures {
  const sets = folders.map((folder) => new FeatureSet(folder));
  const homes = homesOf(sets);
  const size = patches * width;
  return {
    ids: [...homes.keys()],
    shape: [patches, width],
    async read(ids) {
      const values = new Float32Array(ids.length * size);
      ids.forEach((id, row) => {
        if (id !== null) homeOf(homes, id).readInto(id, values, row * size);
      });
      return values;
    },
    close: async () => {
      for (const set of sets) set.close();
    },
  };
}

/**
 * Patches of pixels, each in (channel, row, column) order, from folders of image sets; the first that has a picture is read.
 * @param resolution side of every picture in pixels
 * @param patch side of a patch in pixels
 */
export async function openPatches(folders: readonly string[], resolution: number, patch: number): Promise<Pictures> {
  const sets = await Promise.all(folders.map(openImageSet));
  const homes = homesOf(sets);
  const kept = allPatches(resolution, patch);
  const size = 3 * patch * patch;
  return {
    ids: [...homes.keys()],
    shape: [kept.length, size],
    async read(ids) {
      const values = new Float32Array(ids.length * kept.length * size);
      const decoded = ids.map(async (id, row) => {
        if (id === null) return;
        const set = homeOf(homes, id);
        const pixels = await set.pixels(set.indexOf(id));
        cutPatches(pixels, 0, resolution, patch, kept, values, row * kept.length * size);
      });
      await Promise.all(decoded);
      return values;
    },
    close: async () => {
      for (const set of sets) await set.close();
    },
  };
}

/** The first set that has a picture, for every picture. */
function homesOf<Set extends { readonly ids: readonly string[] }>(sets: readonly Set[]): Map<string, Set> {
  const homes = new Map<string, Set>();
  for (const set of sets) for (const id of set.ids) if (!homes.has(id)) homes.set(id, set);
  return homes;
}

function homeOf<Set>(homes: ReadonlyMap<string, Set>, id: string): Set {
  const set = homes.get(id);
  if (!set) throw new Error(`no picture ${id}`);
  return set;
}
