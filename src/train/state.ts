import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { Mm1Error } from '../errors.js';
import { fetched } from '../model/fetched.js';
import type { Parameters } from '../model/parameters.js';
import { force } from '../store/force.js';
import { readSafetensors, readSafetensorsMetadata, writeFetched } from '../store/safetensors.js';
import { type AdamWState, mapped } from './adamw.js';

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
  /** Of older versions' checkpoints nobody knows. */
  seconds: z.coerce.number().nonnegative().default(0),
});

/**
 * Writes a checkpoint in place of the one before: whole or not at all. Weights and both moments of AdamW stand under the
 * weights' names.
 * @param seconds what it took to come there
 */
export async function saveState(folder: string, seed: number, state: TrainingState, seconds: number): Promise<void> {
  const tensors = new Map(PARTS.flatMap((part) => [...fetched(state.adam[part], `${part}.`)]));
  mkdirSync(folder, { recursive: true });
  const file = join(folder, FILE);
  const temporary = `${file}.${hostname()}.${process.pid}`;
  await writeFetched(temporary, tensors, {
    step: String(state.step),
    seed: String(seed),
    data: JSON.stringify(state.data),
    seconds: String(seconds),
  });
  force(temporary);
  renameSync(temporary, file);
}

/**
 * Reads the checkpoint of a folder.
 * @param parameters weights of the training, as they start
 * @returns where the training stood and what it had taken to come there, or null where there is no checkpoint; the caller disposes of its tensors
 * @throws Mm1Error E_CHECKPOINT if it is damaged, or of another training
 */
export function loadState(
  folder: string,
  parameters: Parameters,
  seed: number,
): (TrainingState & { readonly seconds: number }) | null {
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
  if (stored.size !== PARTS.length * Object.keys(parameters).length) throw foreign('it has other weights');
  const part = (kind: (typeof PARTS)[number]) =>
    mapped(parameters, ({ shape }, name) => {
      const tensor = stored.get(`${kind}.${name}`);
      if (tensor?.shape.join() !== shape.join()) throw foreign(`${kind}.${name} is missing or misshaped`);
      return tf.tensor(tensor.values as Float32Array, shape);
    });
  const adam = tf.tidy(() => ({ weights: part('weights'), mean: part('mean'), square: part('square') }));
  const { step, data, seconds } = metadata.data;
  return { step, adam, data, seconds };
}

/** Removes a folder's checkpoint: the training is done, or starts over. */
export function removeState(folder: string): void {
  rmSync(join(folder, FILE), { force: true });
}
