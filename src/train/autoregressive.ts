import * as tf from '@tensorflow/tfjs-core';
import { randomView } from '../data/augmentation.js';
import { cutPatches } from '../data/patches.js';
import type { AimBatch } from '../model/aim-objective.js';
import { type Random, random } from '../random.js';

/** Pictures to pre-train an encoder on, decoded. */
export interface AutoregressivePictures {
  /** RGB, [n, resolution, resolution, 3] */
  readonly pixels: Uint8Array;
  readonly resolution: number;
  readonly patch: number;
}

/** How batches are drawn. */
export interface AutoregressiveSettings {
  readonly batch: number;
  /** Most patches of a picture that the encoder sees in a step. */
  readonly keepPatches: number;
  readonly seed: number;
}

/**
 * Pictures of one step: a pure function of (pictures, settings, step). No picture comes twice. Each is looked at in a
 * random way, through a square window of its grid at a random place: patches stay neighbours in raster order, and a step
 * costs the same at every resolution. The prefix of a window of K patches is 1 to K - 1 of them long, each as likely
 * (El-Nouby et al., 2024, section 4).
 */
export function autoregressiveBatch(
  { pixels, resolution, patch }: AutoregressivePictures,
  { batch, keepPatches, seed }: AutoregressiveSettings,
  step: number,
): AimBatch {
  const stream = random(seed, `autoregressive ${step}`);
  const pictures = pixels.length / (3 * resolution * resolution);
  const rows = Math.min(batch, pictures);
  const grid = resolution / patch;
  const side = Math.min(grid, Math.floor(Math.sqrt(keepPatches)));
  const patches = side * side;
  const size = 3 * patch * patch;

  const values = new Float32Array(rows * patches * size);
  const kept = new Int32Array(rows * patches);
  const predicted = new Float32Array(rows * patches);
  const chosen = stream.permutation(pictures).subarray(0, rows);
  chosen.forEach((picture, row) => {
    const window = kept.subarray(row * patches, (row + 1) * patches);
    placeWindow(window, side, grid, stream);
    const prefix = 1 + stream.below(patches - 1);
    predicted.fill(1, row * patches + prefix, (row + 1) * patches);
    const view = randomView(resolution, stream);
    cutPatches(pixels, picture, resolution, patch, window, values, row * patches * size, view);
  });
  return {
    patches: tf.tensor3d(values, [rows, patches, size]),
    kept: tf.tensor2d(kept, [rows, patches], 'int32'),
    predicted: tf.tensor2d(predicted, [rows, patches]),
  };
}

/** Writes the row-major numbers of the patches of a window that lies anywhere in the grid. */
function placeWindow(window: Int32Array, side: number, grid: number, stream: Random): void {
  const top = stream.below(grid - side + 1);
  const left = stream.below(grid - side + 1);
  for (let i = 0; i < window.length; i++) {
    window[i] = (top + Math.floor(i / side)) * grid + left + (i % side);
  }
}
