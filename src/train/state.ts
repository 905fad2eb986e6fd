import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { Mm1Error } from '../errors.js';
import { force } from '../store/force.js';
import { readSafetensors, readSafetensorsMetadata, type StoredTensor, writeSafetensors } from '../store/safetensors.js';
import type { AdamWState } from './adamw.js';
import { flatten, type Layout, unflatten } from './flat.js';

/** Where a training stands: everything that its next update depends on. */
export type TrainingState = {
  /** Updates done. */
  readonly step: number;
  readonly adam: AdamWState;
  /** What the source of the batches has to remember beside the step. */
  readonly data: unknown;
};

const FILE = 'training.safetensors';
const PARTS = ['weights', 'mean', 'square'] as const;

/**
 * Batches are a pure function of the seed and the step, each draw from a stream named after both (src/random.ts): the
 * step is the position in the data, and seed and step are the state of every random generator.
 */
const metadataSchema = z.object({
  step: z.coerce.number().int().positive(),
  seed: z.coerce.number().int().nonnegative(),
  data: z.string().transform((text): unknown => JSON.parse(text)),
});

/**
 * Writes a checkpoint in place of the one before: whole or not at all. Weights and both moments of AdamW stand under the
 * weights' names.
 */
export function saveState(folder: string, layout: Layout, seed: number, state: TrainingState): void {
  const tensors = new Map<string, StoredTensor>();
  for (const part of PARTS) {
    const values = state.adam[part].dataSync() as Float32Array;
    let at = 0;
    layout.names.forEach((name, i) => {
      const size = layout.sizes[i]!;
      tensors.set(`${part}.${name}`, { shape: layout.shapes[i]!, values: values.subarray(at, at + size) });
      at += size;
    });
  }
  mkdirSync(folder, { recursive: true });
  const file = join(folder, FILE);
  const temporary = `${file}.${process.pid}`;
  writeSafetensors(temporary, tensors, {
    step: String(state.step),
    seed: String(seed),
    data: JSON.stringify(state.data),
  });
  force(temporary);
  renameSync(temporary, file);
}

/**
 * Reads the checkpoint of a folder.
 * @returns where the training stood, or null where there is no checkpoint; the caller disposes of its tensors
 * @throws Mm1Error E_CHECKPOINT if it is damaged, or of another training
 */
export function loadState(folder: string, layout: Layout, seed: number): TrainingState | null {
  const file = join(folder, FILE);
  if (!existsSync(file)) return null;
  const foreign = (what: string) =>
    new Mm1Error(`the checkpoint is not of this training: ${what}`, {
      code: 'E_CHECKPOINT',
      where: file,
      remedy: 'Remove it: the training then starts over.',
    });
  const metadata = metadataSchema.safeParse(readSafetensorsMetadata(file));
  if (!metadata.success) throw foreign('it does not say where it stands');
  if (metadata.data.seed !== seed) throw foreign(`its seed is ${metadata.data.seed}, and the training's ${seed}`);
  const stored = readSafetensors(file);
  if (stored.size !== PARTS.length * layout.names.length) throw foreign('it has other weights');
  const vector = (part: string) =>
    tf.tidy(() =>
      flatten(
        layout.names.map((name, i) => {
          const tensor = stored.get(`${part}.${name}`);
          if (tensor?.shape.join() !== layout.shapes[i]!.join())
            throw foreign(`${part}.${name} is missing or misshaped`);
          return tf.tensor(tensor.values as Float32Array, layout.shapes[i]);
        }),
      ),
    );
  const adam = { weights: vector('weights'), mean: vector('mean'), square: vector('square') };
  return { step: metadata.data.step, adam, data: metadata.data.data };
}

/** Removes a folder's checkpoint: the training is done, or starts over. */
export function removeState(folder: string): void {
  rmSync(join(folder, FILE), { force: true });
}

/** Weights of a state, under their names; the caller disposes of them. */
export function weightsOf(layout: Layout, state: TrainingState): Record<string, tf.Tensor> {
  return tf.tidy(() => unflatten(layout, state.adam.weights));
}
