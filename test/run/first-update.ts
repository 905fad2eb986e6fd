import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { expect } from 'vitest';
import type { DataKind, DataSource, Recipe, TrainedEncoder, TrainedLanguageModel } from '../../src/config/recipe.js';
import { loadTokenizer } from '../../src/data/tokenizer/index.js';
import type { Parameters } from '../../src/model/parameters.js';
import type { StageKind, StageSpecs } from '../../src/plan/stage.js';
import { STAGE_RUNNERS } from '../../src/run/stages/index.js';
import type { StageContext, StageRunner, Summary } from '../../src/run/stages/stage-kind.js';
import { Stopwatch } from '../../src/run/stages/stopwatch.js';
import { readHeader, readSafetensors } from '../../src/store/safetensors.js';
import type { AdamWConfig } from '../../src/train/adamw.js';

// What a stage trains with shows in its first update: the weights that learn, how they start, the batch, the rate of each,
// the betas, the epsilon, the decay and the clip. Every stage is stopped after that update, and leaves its checkpoint.

export const CONCEPTS = 20;
export const BATCH = 12;
export const encoder: TrainedEncoder = {
  type: 'clip',
  model: 'vit-b',
  patch: 14,
  resolution: 56,
  contrast: 'images',
  seed: 3,
  data: 'dfn-5b',
  pictures: 70,
  keep_patches: 9,
  steps: 35,
  batch: BATCH,
  learning_rate: 1.5e-3,
};
export const language: TrainedLanguageModel = { type: 'dense', steps: 45, batch: BATCH, learning_rate: 4e-3, seed: 5 };
const from = (...sources: string[]): DataSource[] => sources.map((source) => ({ source, weight: 1 }));
export const recipe = {
  scale: 'smoke',
  precision: 'fp32',
  encoder,
  connector: { type: 'average-pool', tokens: 4, learning_rate: 3e-3 },
  language_model: language,
  data: {
    caption: 40,
    interleaved: 30,
    text: 20,
    question: 20,
    vecap: 0.4,
    caption_from: from('emoji', 'emoji-noto'),
    interleaved_from: from('emoji-quizzes', 'world-documents'),
    text_from: from('emoji-texts'),
    question_from: from('emoji-questions'),
    documents: 70,
    text_documents: 70,
    concepts: CONCEPTS,
    text_tokens: 48,
    images: 2,
  },
  training: {
    accumulate: 1,
    steps: 40,
    batch: BATCH,
    learning_rate: 2e-3,
    encoder_learning_rate: 1e-3,
    schedule: 'cosine',
    warmup: 5,
    freeze: 'encoder',
    weight_decay: 0.3,
    clip: 0.05,
  },
} as const satisfies Recipe;
export const SEED = 8;
export const tokenizer = loadTokenizer();
export const folder = () => mkdtempSync(join(tmpdir(), 'mm1-first-update-'));
/** What a stage says of its waiting, which is never twice the same. */
export const WAITING = {
  'waiting for data, %': expect.any(Number),
  'waiting in the first step, s': expect.any(Number),
};
/** Folders that a stage reads, by what they are to it. */
export const folders: Partial<Record<string, string>> = {};

class Stopped extends Error {}

export function surroundings(progress: StageContext['progress'], checkpoints = folder()) {
  const metrics: Record<string, number> = {};
  const context: StageContext = {
    folder: folder(),
    checkpoints,
    stopwatch: new Stopwatch(),
    published: () => '',
    parent(role) {
      const at = folders[role];
      if (at === undefined) throw new Error(`the test has no ${role}`);
      return at;
    },
    places: { grid: '', runs: '' },
    progress,
    note: () => {},
    metric(step, name, value) {
      if (step === 1) metrics[name] = value;
    },
  };
  return { context, metrics };
}

/** Runs a stage to its end, from the checkpoint of a folder if one is given. */
export async function finish<K extends StageKind>(
  kind: K,
  spec: StageSpecs[K],
  checkpoints?: string,
): Promise<{ summary: Summary; at: string }> {
  const { context } = surroundings(async () => {}, checkpoints);
  const summary = await (STAGE_RUNNERS[kind] as StageRunner<K>)(spec, context);
  return { summary, at: context.folder };
}

/** Losses of a stage's training, recorded step by step. */
export async function lossesOf<K extends StageKind>(kind: K, spec: StageSpecs[K]): Promise<number[]> {
  const found: number[] = [];
  const { context } = surroundings(async () => {});
  const metric = (_: number, name: string, value: number) => {
    if (name === 'loss') found.push(value);
  };
  await (STAGE_RUNNERS[kind] as StageRunner<K>)(spec, { ...context, metric });
  return found;
}

/** Makes the training documents of a kind, as the recipe has them. */
export async function makeCorpus(kind: DataKind): Promise<string> {
  const { data } = recipe;
  const { at } = await finish('corpus', {
    kind,
    sources: data[`${kind}_from`].map(({ source }) => ({ source })),
    documents: data.documents,
    concepts: CONCEPTS,
    resolution: kind === 'text' ? null : encoder.resolution,
  });
  return at;
}

/** Weights and moments after the first update of a stage, and what the stage said of it. */
export async function firstUpdate<K extends StageKind>(kind: K, spec: StageSpecs[K]) {
  const { context, metrics } = surroundings(async () => {
    throw new Stopped();
  });
  await expect((STAGE_RUNNERS[kind] as StageRunner<K>)(spec, context)).rejects.toThrow(Stopped);
  const file = join(context.checkpoints, 'training.safetensors');
  const stored = readSafetensors(file);
  const values = (part: string, name: string) => stored.get(`${part}.${name}`)!.values as Float32Array;
  const names = [...stored.keys()].flatMap((name) => (name.startsWith('mean.') ? [name.slice('mean.'.length)] : []));
  return { names, values, metrics, metadata: readHeader(file).metadata, checkpoints: context.checkpoints };
}

interface Expected {
  readonly start: Parameters;
  readonly loss: (start: Parameters) => tf.Tensor;
  readonly rate: (name: string) => number;
  readonly adam: AdamWConfig;
}

/** AdamW's first update as its paper writes it, in 64-bit floats. */
export function expectUpdate(
  { names, values, metrics }: Awaited<ReturnType<typeof firstUpdate>>,
  { start, loss, rate, adam: { beta1, beta2, epsilon, weightDecay, clip } }: Expected,
): void {
  expect([...names].sort()).toEqual(Object.keys(start).sort());
  const sum = (part: string, of: (value: number) => number) =>
    names.reduce((total, name) => total + values(part, name).reduce((a, b) => a + of(b), 0), 0);
  const norm = Math.min(clip!, metrics.gradient_norm!);
  expect(Math.sqrt(sum('mean', (m) => m * m)) / ((1 - beta1) * norm)).toBeCloseTo(1, 4);
  expect(sum('square', (v) => v) / ((1 - beta2) * norm * norm)).toBeCloseTo(1, 4);
  for (const name of names) {
    const before = start[name]!.dataSync();
    const decay = start[name]!.rank < 2 ? 0 : weightDecay;
    const [after, mean, square] = ['weights', 'mean', 'square'].map((part) => values(part, name));
    let furthest = 0;
    before.forEach((weight, i) => {
      const slope = mean![i]! / (1 - beta1) / (Math.sqrt(square![i]! / (1 - beta2)) + epsilon);
      const expected = weight * (1 - rate(name) * decay) - rate(name) * slope;
      furthest = Math.max(furthest, Math.abs(after![i]! - expected) / (rate(name) + 1e-4 * Math.abs(weight)));
    });
    expect(furthest, name).toBeLessThan(2e-3);
  }
  expect(metrics.gradient_norm, 'the clip shows').toBeGreaterThan(clip!);
  expect(metrics.loss).toBeCloseTo(
    tf.tidy(() => loss(start).dataSync()[0]!),
    4,
  );
}
