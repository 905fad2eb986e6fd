import { randomView } from '../../data/augmentation.js';
import { openImageSet } from '../../data/image-set.js';
import { windowSide } from '../../data/looks.js';
import { cutPatches } from '../../data/patches.js';
import { PicturePool } from '../../data/picture-pool.js';
import { randomOrder } from '../../data/random-order.js';
import type { AimBatch } from '../../model/aim-objective.js';
import { random } from '../../random.js';
import type { Arrays } from './arrays.js';
import type { BatchSource } from './batch-source.js';
import { drawWindow } from './patch-window.js';

/** How batches are drawn. */
export interface AutoregressiveSettings {
  readonly batch: number;
  readonly patch: number;
  /** Most patches of a picture that the encoder sees in a step. */
  readonly keepPatches: number;
  readonly seed: number;
}

/**
 * Pictures alone, from a folder of them.
 * @throws Mm1Error E_IMAGE where the folder is not whole
 */
export async function openAutoregressive(
  settings: AutoregressiveSettings & { readonly corpus: string },
): Promise<BatchSource<AimBatch>> {
  const set = await openImageSet(settings.corpus);
  const pictures = new PicturePool(set);
  return {
    facts: { pictures: pictures.count },
    make: async (step) => ({ arrays: await autoregressiveBatch(pictures, settings, step), data: null }),
    restore() {},
    close: () => set.close(),
  };
}

/**
 * Pictures of one step: a pure function of (pictures, settings, step). No picture comes twice. Each is looked at in a
 * random way, through a square window of its grid at a random place: patches stay neighbours in raster order, and a step
 * costs the same at every resolution. The prefix of a window of K patches is 1 to K - 1 of them long, each as likely
 * (El-Nouby et al., 2024, section 4). What is drawn is drawn before the first picture is waited for.
 */
export async function autoregressiveBatch(
  pictures: PicturePool,
  { batch, patch, keepPatches, seed }: AutoregressiveSettings,
  step: number,
): Promise<Arrays<AimBatch>> {
  const { resolution } = pictures;
  const stream = random(seed, `autoregressive ${step}`);
  const rows = Math.min(batch, pictures.count);
  const grid = resolution / patch;
  const side = windowSide(grid, keepPatches);
  const patches = side * side;
  const size = 3 * patch * patch;

  const kept = new Int32Array(rows * patches);
  const predicted = new Float32Array(rows * patches);
  const order = randomOrder(pictures.count, stream);
  const looks = Array.from({ length: rows }, (_, row) => {
    const picture = order.next().value!;
    const window = drawWindow(side, grid, stream);
    kept.set(window, row * patches);
    const prefix = 1 + stream.below(patches - 1);
    predicted.fill(1, row * patches + prefix, (row + 1) * patches);
    return { picture, window, view: randomView(resolution, stream) };
  });

  const pixels = await pictures.get(looks.map(({ picture }) => picture));
  const values = new Float32Array(rows * patches * size);
  looks.forEach(({ window, view }, row) => {
    cutPatches(pixels[row]!, 0, resolution, patch, window, values, row * patches * size, view);
  });
  return {
    patches: { values, shape: [rows, patches, size] },
    kept: { values: kept, shape: [rows, patches] },
    predicted: { values: predicted, shape: [rows, patches] },
  };
}
