import { cpSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadGrid } from '../../src/config/load.js';
import { openEngine } from '../../src/engine/index.js';
import { loadDecoder, loadVisionTower } from '../../src/model/huggingface/index.js';
import { checkpointReader } from '../../src/plan/checkpoints.js';
import { stageGraph } from '../../src/plan/graph.js';
import { STAGE_RUNNERS } from '../../src/run/stages/index.js';
import type { StageContext } from '../../src/run/stages/stage-kind.js';
import { Stopwatch } from '../../src/run/stages/stopwatch.js';
import { readSafetensors } from '../../src/store/safetensors.js';
import { Store } from '../../src/store/store.js';
import { goldenTowers, otherResolution, readConfig, withTokenizer } from '../checkpoints.js';
import { cases } from '../golden-folder.js';
import { gridFolder, mm1, removePackage } from './grid.js';

const [tower] = goldenTowers() as [ReturnType<typeof goldenTowers>[number]];
const [golden] = cases('llama') as [string];
const resolution = otherResolution(tower);

const SMALL = `
  training: {steps: 3, batch: 4, warmup: 1, encoder_learning_rate: 0.01}
  data: {concepts: 20, documents: 20, text_documents: 40, text_tokens: 96, interleaved_from: emoji-quizzes, text_from: emoji-texts}
  connector: {type: average-pool, tokens: 4}
evaluation:
  items: 6
`;

/** Stages of the newest run, with their folders. */
function stages(runs: string) {
  const store = Store.openReadOnly(join(runs, 'mm1.sqlite'));
  const { id, status } = store.run('latest');
  const trials = store.trials(id).map((trial) => trial.status);
  const found = store.stages(id).map((stage) => ({ ...stage, folder: join(runs, 'cache', stage.key) }));
  store.close();
  const folderOf = (kind: string) => found.find((stage) => stage.kind === kind)!.folder;
  return { status, trials, found, folderOf };
}

const weights = (folder: string) => readSafetensors(join(folder, 'model.safetensors'));

/** Whether stored tensors are those of the engine, bit for bit. */
function expectSame(folder: string, expected: Readonly<Record<string, tf.Tensor>>, prefix = ''): void {
  const stored = weights(folder);
  for (const [name, tensor] of Object.entries(expected)) {
    const { shape, values } = stored.get(prefix + name)!;
    expect(shape, name).toEqual(tensor.shape);
    expect(Buffer.from(values.buffer, values.byteOffset, values.byteLength), name).toEqual(
      Buffer.from((tensor.dataSync() as Float32Array).buffer),
    );
  }
}

beforeAll(async () => {
  await openEngine();
});
afterAll(removePackage);

describe('a grid that starts from published models', () => {
  const { folder, grid, runs } = gridFolder(`scale: smoke
seeds: [0]
base:
  encoder: {checkpoint: ${tower.folder}, resolution: ${resolution}}
  language_model: {checkpoint: llama}${SMALL}axes:
  training.freeze: [[encoder], [language_model]]
`);
  let run: ReturnType<typeof stages>;
  beforeAll(async () => {
    withTokenizer(golden, join(folder, 'llama'));
    const { status, stderr } = await mm1('ablate', grid, '--runs-dir', runs);
    expect(status, stderr).toBe(0);
    run = stages(runs);
  });

  it('is trained and evaluated', () => {
    expect(run.trials).toEqual(['done', 'done']);
    for (const { summary } of run.found.filter(({ kind }) => kind === 'pretrain')) {
      expect(summary.loss).toBeLessThan(20);
    }
  });

  it('takes the vision tower with its positions at the resolution of the recipe, and trains none', () => {
    const encoder = run.folderOf('encoder');
    const expected = loadVisionTower(tower.folder, { resolution });
    expectSame(encoder, expected.parameters);
    expect([...weights(encoder).keys()].sort()).toEqual(Object.keys(expected.parameters).sort());
    expect(loadVisionTower(encoder).config).toEqual(expected.config);
    const features = JSON.parse(readFileSync(join(run.folderOf('features'), 'features.json'), 'utf8'));
    expect(features).toMatchObject({
      patches: (resolution / tower.patch) ** 2,
      width: expected.config.hidden_size,
    });
  });

  it('takes the language model, and its tokenizer for the whole trial', () => {
    const language = run.folderOf('language-model');
    expectSame(language, loadDecoder(golden).parameters);
    expect(loadDecoder(language).config).toEqual(loadDecoder(golden).config);
    const tokenizer = (at: string) => readFileSync(join(at, 'tokenizer.json'));
    expect(tokenizer(language)).toEqual(tokenizer(join(folder, 'llama')));
    const [trial] = run.found.filter(({ kind }) => kind === 'pretrain');
    const table = weights(trial!.folder).get('language_model.model.embed_tokens.weight')!;
    expect(table.shape[0]).toBe(readConfig(golden).vocab_size);
  });

  it('goes on training what is not frozen, from the checkpoint', () => {
    const start = loadVisionTower(tower.folder, { resolution }).parameters;
    const [whole] = run.found.filter(({ kind, folder }) => {
      return kind === 'pretrain' && weights(folder).has('encoder.vision_model.embeddings.class_embedding');
    });
    const learned = weights(whole!.folder);
    const differences = Object.entries(start)
      .filter(([name]) => !name.includes('post_layernorm'))
      .map(([name, tensor]) => {
        const now = learned.get(`encoder.${name}`)!.values as Float32Array;
        return Math.max(...tensor.dataSync().map((value, i) => Math.abs(value - now[i]!)));
      });
    // Three updates of Adam move a number by at most three times the rate of 0.01, and decay a little.
    expect(Math.max(...differences)).toBeGreaterThan(1e-3);
    expect(Math.max(...differences)).toBeLessThan(0.05);
    expectSame(whole!.folder, loadDecoder(golden).parameters, 'language_model.');
  });
});

describe('what a grid has trained is a published model for the next', () => {
  const trained = gridFolder(`scale: smoke
seeds: [0]
base:
  encoder: {model: vit-b, resolution: 56, steps: 2, batch: 8, pictures: 30}
  language_model: {type: moe, steps: 2}${SMALL}`);
  let first: ReturnType<typeof stages>;
  let second: ReturnType<typeof stages>;
  beforeAll(async () => {
    const { status, stderr } = await mm1('ablate', trained.grid, '--runs-dir', trained.runs);
    expect(status, stderr).toBe(0);
    first = stages(trained.runs);
    const next = gridFolder(`scale: smoke
seeds: [0]
base:
  encoder: {checkpoint: ${first.folderOf('encoder')}}
  language_model: {checkpoint: ${first.folderOf('language-model')}}${SMALL}`);
    const again = await mm1('ablate', next.grid, '--runs-dir', next.runs);
    expect(again.status, again.stderr).toBe(0);
    second = stages(next.runs);
  });

  it('the encoder is a CLIPModel that says how it pools, and gives the same features bit for bit', () => {
    expect(readConfig(first.folderOf('encoder'))).toMatchObject({
      architectures: ['CLIPModel'],
      vision_config: { pooling: 'average', image_size: 56 },
    });
    const features = ({ folderOf }: typeof first) => readFileSync(join(folderOf('features'), 'features.f16'));
    expect(features(second).equals(features(first))).toBe(true);
  });

  it('the language model is a Mixtral that says which layers have experts, and has the same weights', () => {
    const language = first.folderOf('language-model');
    expect(readConfig(language)).toMatchObject({ model_type: 'mixtral', decoder_sparse_step: 2 });
    expectSame(second.folderOf('language-model'), loadDecoder(language).parameters);
  });

  it('the trial comes to the same scores', () => {
    const scores = ({ folderOf }: typeof first) => readFileSync(join(folderOf('evaluate'), 'scores.json'), 'utf8');
    expect(scores(second)).toBe(scores(first));
  });
});

describe('a checkpoint that changes after the launch fails its stage', () => {
  it.each([
    ['encoder', 'tower'],
    ['language-model', 'llama'],
  ] as const)('%s', async (kind, name) => {
    const { folder, grid } = gridFolder(`scale: smoke
seeds: [0]
base:
  encoder: {checkpoint: tower}
  language_model: {checkpoint: llama}
  connector: {tokens: 1}
`);
    cpSync(tower.folder, join(folder, 'tower'), { recursive: true });
    withTokenizer(golden, join(folder, 'llama'));
    const graph = stageGraph(loadGrid(grid, {}, checkpointReader()), 'tensorflow');
    const stage = [...graph.stages.values()].find((each) => each.kind === kind)!;
    expect(stage.checkpoint).toBe(join(folder, name));
    const context: StageContext = {
      stopwatch: new Stopwatch(),
      folder: mkdtempSync(join(tmpdir(), 'mm1-stage-')),
      checkpoints: folder,
      published: () => stage.checkpoint!,
      parent: () => '',
      places: { grid: '', runs: '' },
      progress: async () => {},
      note: () => {},
      metric: () => {},
    };
    const run = () =>
      (STAGE_RUNNERS[kind] as (spec: unknown, context: StageContext) => Promise<unknown>)(stage.spec, context);
    const file = join(folder, name, 'model.safetensors');
    const bytes = readFileSync(file);
    bytes[bytes.length - 2]! ^= 1;
    writeFileSync(file, bytes);
    await expect(run()).rejects.toThrow('the checkpoint has changed since the run was started');
    bytes[bytes.length - 2]! ^= 1;
    writeFileSync(file, bytes);
    await expect(run()).resolves.toMatchObject({ checkpoint: expect.stringMatching(/^[0-9a-f]{64}$/) });
  });
});
