import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import type { TrainedEncoder } from '../../src/config/recipe.js';
import { type EngineName, openEngine } from '../../src/engine/index.js';
import { tensorflow } from '../../src/engine/tensorflow/index.js';
import { webgpu } from '../../src/engine/webgpu.js';
import type { StageKind, StageSpecs } from '../../src/plan/stage.js';
import { encoder, finish, folders, language, lossesOf, makeCorpus, recipe, SEED } from '../run/first-update.js';

// What trains on TensorFlow trains on WebGPU: the same losses over 20 steps. Where WebGPU's packages or an adapter are missing there
// is nothing to compare; `npm run test:webgpu` (CONTRIBUTING.md) brings a software adapter.

const STEPS = 20;
vi.setConfig({ testTimeout: 900_000, hookTimeout: 200_000 });
const missing = tensorflow.missing() ?? webgpu.missing() ?? (await refusal());

async function refusal(): Promise<string | null> {
  try {
    await openEngine('webgpu');
    return null;
  } catch (error) {
    return (error as Error).message;
  }
}

describe.skipIf(missing !== null)('casts to float32 are of the numbers, not of their bits', () => {
  // So many that the backend computes on the device: few that the host knows are computed there.
  it.each<['int32' | 'bool', (i: number) => number]>([
    ['int32', (i) => (i === 7 ? 16_777_216 : i - 900)],
    ['bool', (i) => (i % 3) % 2],
  ])('%s', async (dtype, numberAt) => {
    await openEngine('webgpu');
    const [rows, columns] = [40, 50];
    const values = Array.from({ length: rows * columns }, (_, i) => numberAt(i));
    const x = tf.tensor3d(values, [1, rows, columns], dtype);
    const computed = dtype === 'bool' ? tf.logicalNot(tf.logicalNot(x)) : tf.mul(x, tf.scalar(1, 'int32'));
    const turned = tf.transpose(tf.cast(computed, 'float32'), [2, 0, 1]); // [columns, 1, rows]
    const expected = values.map((_, i) => values[(i % rows) * columns + Math.floor(i / rows)]);
    expect(Array.from(await turned.data())).toEqual(expected);
  });
});

describe.skipIf(missing !== null)(
  `losses over ${STEPS} steps, on WebGPU and on TensorFlow (skipped: ${missing})`,
  () => {
    beforeAll(async () => {
      await openEngine('tensorflow');
      for (const kind of ['caption', 'interleaved', 'text', 'question'] as const) {
        folders[`corpus ${kind}`] = await makeCorpus(kind);
        if (kind !== 'text') folders[`pictures ${kind}`] = folders[`corpus ${kind}`];
      }
      folders.corpus = folders['corpus text'];
      folders['language-model'] = (await finish('language-model', languageSpec(4))).at;
      folders.corpus = folders['corpus caption'];
      folders.encoder = (await finish('encoder', encoderSpec({ steps: 4 }))).at;
    });

    const encoderSpec = (changes: Partial<TrainedEncoder>) => ({
      recipe: { scale: recipe.scale, precision: recipe.precision, encoder: { ...encoder, steps: STEPS, ...changes } },
    });
    const languageSpec = (steps: number) => ({
      recipe: {
        scale: recipe.scale,
        precision: recipe.precision,
        language_model: { ...language, steps },
        data: { text_from: recipe.data.text_from, text_tokens: recipe.data.text_tokens },
      },
    });

    /** Losses of a stage's training on an engine. */
    async function losses<K extends StageKind>(engine: EngineName, kind: K, spec: StageSpecs[K]): Promise<number[]> {
      await openEngine(engine);
      return lossesOf(kind, spec);
    }

    async function expectSame<K extends StageKind>(kind: K, spec: StageSpecs[K]): Promise<void> {
      const there = await losses('tensorflow', kind, spec);
      const here = await losses('webgpu', kind, spec);
      expect(here).toHaveLength(STEPS);
      expect(there.at(-1)).not.toBe(there[0]); // it trains
      const off = here.map((loss, i) => Math.abs(loss - there[i]!) / Math.abs(there[i]!));
      expect(Math.max(...off)).toBeLessThanOrEqual(1e-3);
    }

    it.each<[string, Partial<TrainedEncoder>]>([
      ["CLIP's, of pictures", {}],
      ["CLIP's, of regions", { contrast: 'regions' }],
      ["AIM's", { type: 'aim', model: 'aim-600m' }],
    ])('%s', async (_, changes) => {
      folders.corpus = folders['corpus caption'];
      await expectSame('encoder', encoderSpec(changes));
    });

    it("the language model's", async () => {
      folders.corpus = folders['corpus text'];
      await expectSame('language-model', languageSpec(STEPS));
    });

    it.each(['average-pool', 'c-abstractor'] as const)("a multimodal model's, all of it learning: %s", async (type) => {
      const training = { ...recipe.training, steps: STEPS, clip: 1, freeze: 'none' as const };
      await expectSame('pretrain', {
        recipe: { ...recipe, connector: { ...recipe.connector, type }, training },
        seed: SEED,
      });
    });
  },
);
