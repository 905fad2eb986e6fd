import { beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import type { ConnectorType, Recipe, TrainedEncoder, TrainedLanguageModel } from '../../src/config/recipe.js';
import { openEngine } from '../../src/engine/index.js';
import type { StageKind, StageSpecs } from '../../src/plan/stage.js';
import { encoder, finish, folders, language, lossesOf, makeCorpus, recipe, SEED } from './first-update.js';

// Every kind of training step, op by op, as a graph and compiled by XLA: the same losses over 50 steps.

const STEPS = 50;
// XLA takes its time on a machine that does other things beside.
vi.setConfig({ testTimeout: 400_000 });
const text = { text_from: recipe.data.text_from, text_tokens: recipe.data.text_tokens };
const languageSpec = (changes: Partial<TrainedLanguageModel>) => ({
  recipe: {
    scale: recipe.scale,
    precision: recipe.precision,
    language_model: { ...language, steps: STEPS, ...changes },
    data: text,
  },
});
const encoderSpec = (changes: Partial<TrainedEncoder>) => ({
  recipe: { scale: recipe.scale, precision: recipe.precision, encoder: { ...encoder, steps: STEPS, ...changes } },
});

beforeAll(async () => {
  await openEngine();
  for (const kind of ['caption', 'interleaved', 'text', 'question'] as const) {
    folders[`corpus ${kind}`] = await makeCorpus(kind);
    if (kind !== 'text') folders[`pictures ${kind}`] = folders[`corpus ${kind}`];
  }
});

/** Losses of a stage's training, run one way. */
async function losses<K extends StageKind>(mode: string, kind: K, spec: StageSpecs[K]): Promise<number[]> {
  vi.stubEnv('MM1_COMPILE', mode);
  return lossesOf(kind, spec);
}

async function expectSame<K extends StageKind>(kind: K, spec: StageSpecs[K]): Promise<void> {
  onTestFinished(() => void vi.unstubAllEnvs());
  const eager = await losses('0', kind, spec);
  expect(eager.at(-1)).not.toBe(eager[0]); // it trains
  for (const mode of ['graph', 'xla']) {
    const compiled = await losses(mode, kind, spec);
    expect(compiled).toHaveLength(STEPS);
    const off = compiled.map((loss, i) => Math.abs(loss - eager[i]!) / Math.abs(eager[i]!));
    expect(Math.max(...off), mode).toBeLessThanOrEqual(1e-5);
  }
}

describe('losses over 50 steps, compiled and op by op', () => {
  it.each<[string, Partial<TrainedEncoder>]>([
    ["CLIP's, of pictures", {}],
    ["CLIP's, of regions", { contrast: 'regions' }],
    ["AIM's", { type: 'aim', model: 'aim-600m' }],
  ])('%s', async (_, changes) => {
    folders.corpus = folders['corpus caption'];
    await expectSame('encoder', encoderSpec(changes));
  });

  it.each<[string, Partial<TrainedLanguageModel>]>([
    ["a dense language model's", {}],
    ["a mixture of experts'", { type: 'moe', experts: 2, expert_every: 2 }],
  ])('%s', async (_, changes) => {
    folders.corpus = folders['corpus text'];
    await expectSame('language-model', languageSpec(changes));
  });

  it.each<[string, Partial<Recipe['training']>, ConnectorType]>([
    ["a multimodal model's, all of it learning", { freeze: 'none' }, 'c-abstractor'],
    ['in parts, the language model frozen', { freeze: 'language_model', accumulate: 2 }, 'average-pool'],
  ])('%s', async (_, changes, type) => {
    folders.corpus = folders['corpus text'];
    folders['language-model'] = (await finish('language-model', languageSpec({ steps: 4 }))).at;
    folders.corpus = folders['corpus caption'];
    folders.encoder = (await finish('encoder', encoderSpec({ steps: 4 }))).at;
    const training = { ...recipe.training, steps: STEPS, clip: 1, ...changes };
    const connector = { ...recipe.connector, type };
    await expectSame('pretrain', { recipe: { ...recipe, connector, training }, seed: SEED });
  });
});
