import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { DATA_KINDS, type Recipe } from '../../src/config/recipe.js';
import { DocumentSet } from '../../src/data/document-set.js';
import { EncodedDocuments } from '../../src/data/encoded-documents.js';
import { FeatureSet } from '../../src/data/feature-set.js';
import { addSequences, Mixture } from '../../src/data/mixture.js';
import { pack } from '../../src/data/packing.js';
import { openFeatures, openPatches } from '../../src/data/pictures.js';
import { openEngine } from '../../src/engine/index.js';
import { CONNECTORS } from '../../src/model/connectors/index.js';
import { ENCODERS } from '../../src/model/encoders/index.js';
import { languageLoss, multimodal } from '../../src/model/multimodal.js';
import { multimodalConfig } from '../../src/model/multimodal-config.js';
import { initialise, type Parameters, prefixed } from '../../src/model/parameters.js';
import { STAGE_RUNNERS } from '../../src/run/stages/index.js';
import { tensorsOf } from '../../src/train/batches/arrays.js';
import { languageArrays } from '../../src/train/batches/language.js';
import { loadWeights } from '../../src/train/checkpoint.js';
import { largestDifference } from '../model/golden.js';
import {
  BATCH,
  encoder,
  expectUpdate,
  finish,
  firstUpdate,
  folders,
  language,
  makeCorpus,
  recipe,
  SEED,
  surroundings,
  tokenizer,
  WAITING,
} from './first-update.js';

const SHOWN = DATA_KINDS.filter((kind) => kind !== 'text');
const features: Partial<Record<string, string>> = {};

beforeAll(async () => {
  await openEngine();
  for (const kind of DATA_KINDS) folders[`corpus ${kind}`] = await makeCorpus(kind);
  const { scale, precision, data } = recipe;
  folders.corpus = folders['corpus caption'];
  folders.encoder = (await finish('encoder', { recipe: { scale, precision, encoder: { ...encoder, steps: 1 } } })).at;
  folders.corpus = folders['corpus text'];
  const { text_from, text_tokens } = data;
  const words = { scale, precision, language_model: { ...language, steps: 1 }, data: { text_from, text_tokens } };
  folders['language-model'] = (await finish('language-model', { recipe: words })).at;
  for (const kind of SHOWN) {
    folders.pictures = folders[`corpus ${kind}`];
    features[kind] = (await finish('features', { recipe })).at;
  }
});

/** Lets the training see what a frozen encoder gave, or the pictures themselves. */
function show(frozenEncoder: boolean): void {
  for (const kind of SHOWN) folders[`pictures ${kind}`] = frozenEncoder ? features[kind] : folders[`corpus ${kind}`];
}

describe('multimodal pre-training', () => {
  const changed = (training: Partial<Recipe['training']>, data: Partial<Recipe['data']> = {}): Recipe => ({
    ...recipe,
    data: { ...recipe.data, ...data },
    training: { ...recipe.training, ...training },
  });

  /** The sequences of some steps, as the mixture draws them. */
  function drawn(steps: number, { data }: Recipe = recipe) {
    const kinds = DATA_KINDS.filter((kind) => data[kind] > 0);
    const sets = kinds.map((kind) => [kind, new DocumentSet(folders[`corpus ${kind}`]!)] as const);
    const documents = Object.fromEntries(sets.map(([kind, set]) => [kind, new EncodedDocuments(set, tokenizer)]));
    const mixture = new Mixture(documents, data, { text: data.text_tokens, images: data.images });
    const sequences = Array.from({ length: steps }, (_, step) => mixture.sequences(SEED, step, BATCH));
    for (const [, set] of sets) set.close();
    return sequences.flat();
  }

  /** The first batch, and what the model is shown of it. */
  async function firstBatch(own: Recipe) {
    const frozen = own.training.freeze.includes('encoder');
    show(frozen);
    const at = SHOWN.filter((kind) => own.data[kind] > 0).map((kind) => folders[`pictures ${kind}`]!);
    const shown = await (frozen ? openFeatures(at, [16, 32]) : openPatches(at, 56, 14));
    const room = { text: own.data.text_tokens, images: own.data.images, slots: 4 };
    const packed = pack(drawn(1, own), room, tokenizer.pad);
    const input = tf.tensor3d(await shown.read(packed.images), [packed.images.length, ...shown.shape]);
    await shown.close();
    return { batch: tensorsOf(languageArrays(packed)), input };
  }

  /** Every weight of the model as it starts, by the part that it is of. */
  function start(config: ReturnType<typeof multimodalConfig>) {
    const tower = loadWeights(folders.encoder!, 'vision_model.');
    const read = Object.keys(ENCODERS.clip.specs(recipe)).map((name) => [`encoder.${name}`, tower[name]!]);
    return {
      encoder: Object.fromEntries(read) as Parameters,
      connector: initialise(prefixed('connector.', CONNECTORS['average-pool'].specs(config.connector)), SEED),
      language_model: prefixed('language_model.', loadWeights(folders['language-model']!)),
    };
  }

  /** The first update of a recipe is that of the formula. */
  async function expectFirstUpdate(own: Recipe, learning: readonly ('encoder' | 'connector' | 'language_model')[]) {
    const config = multimodalConfig(own, tokenizer.vocabularySize);
    const { batch, input } = await firstBatch(own);
    const parts = start(config);
    const all = { ...parts.encoder, ...parts.connector, ...parts.language_model };
    expectUpdate(await firstUpdate('pretrain', { recipe: own, seed: SEED }), {
      start: Object.assign({}, ...learning.map((part) => parts[part])),
      loss: (weights) => languageLoss(multimodal({ ...all, ...weights }, config, batch, input), config.decoder, batch),
      // A fifth of each peak: five steps warm up.
      rate: (name) => ({ encoder: 1e-3, connector: 3e-3, language_model: 2e-3 })[name.split('.')[0]!]! / 5,
      adam: { beta1: 0.9, beta2: 0.95, epsilon: 1e-8, weightDecay: 0.3, clip: 0.05 },
    });
  }

  it('draws of every kind and source', () => {
    const amounts = addSequences({}, drawn(3));
    expect(Object.keys(amounts).sort()).toEqual([
      'caption emoji',
      'caption emoji-noto',
      'interleaved emoji-quizzes',
      'interleaved world-documents',
      'question emoji-questions',
      'text emoji-texts',
      'vecap emoji',
    ]);
  });

  it.each([
    ['encoder', ['connector', 'language_model']],
    ['none', ['encoder', 'connector', 'language_model']],
    ['encoder+language_model', ['connector']],
    ['connector', ['encoder', 'language_model']],
  ] as const)('teaches all but what is frozen, each part at its own rate: %s', (freeze, learning) =>
    expectFirstUpdate(changed({ freeze }), learning),
  );

  const TEXT = { caption: 0, interleaved: 0, question: 0, text: 1, vecap: 0 };
  it.each([
    ['a frozen encoder', 'encoder', 2, ['connector', 'language_model']],
    ['an encoder that would learn', 'none', 2, ['encoder', 'connector', 'language_model']],
    ['no room for pictures', 'encoder', 0, ['connector', 'language_model']],
  ] as const)('teaches on text alone, with %s', (_, freeze, images, learning) =>
    expectFirstUpdate(changed({ freeze }, { ...TEXT, images }), learning),
  );

  it('in parts of a batch is that of the batch, each token counting the same', async () => {
    show(true);
    const [whole, parts] = [
      await firstUpdate('pretrain', { recipe, seed: SEED }),
      await firstUpdate('pretrain', { recipe: changed({ accumulate: 3 }), seed: SEED }),
    ];
    expect(parts.metrics.loss).toBeCloseTo(whole.metrics.loss!, 5);
    expect(parts.metrics.gradient_norm).toBeCloseTo(whole.metrics.gradient_norm!, 4);
    for (const name of whole.names) {
      const gap = tf.max(tf.abs(tf.sub(parts.values('mean', name), whole.values('mean', name)))).dataSync()[0]!;
      expect(gap, name).toBeLessThan(1e-6);
    }
  });

  it.each([
    ['cosine', 0.1 + 0.9 * 0.5 * (1 + Math.cos(Math.PI / 4))],
    ['linear', 0.1 + 0.9 * 0.75],
    ['constant', 1],
  ] as const)('follows its schedule: %s', async (schedule, share) => {
    show(true);
    const spec = { recipe: changed({ schedule, warmup: 0, steps: 4 }), seed: SEED };
    expect((await firstUpdate('pretrain', spec)).metrics.learning_rate).toBeCloseTo(2e-3 * share, 9);
  });

  /** What a summary says of the sequences of some steps. */
  function drawnSummary(steps: number) {
    const amounts = Object.entries(addSequences({}, drawn(steps)));
    const kinds = ['caption', 'vecap', 'interleaved', 'text', 'question'];
    const total = (what: 'sequences' | 'tokens' | 'pictures') =>
      Object.fromEntries(
        kinds.map((kind) => {
          const own = amounts.filter(([name]) => name.startsWith(`${kind} `));
          return [kind, own.reduce((sum, [, amount]) => sum + amount[what], 0)];
        }),
      );
    return {
      'sequences drawn': total('sequences'),
      'text tokens drawn': total('tokens'),
      'pictures drawn': total('pictures'),
      'sequences by source': Object.fromEntries(amounts.map(([name, { sequences }]) => [name, sequences])),
    };
  }

  it('says what it trained and what it drew, and writes what was frozen along', async () => {
    show(true);
    const own = changed({ freeze: 'encoder+language_model', steps: 3, learning_rate: 'paper', warmup: 1 });
    const { summary, at } = await finish('pretrain', { recipe: own, seed: SEED });
    const { connector, language_model } = start(multimodalConfig(own, tokenizer.vocabularySize));
    const size = Object.values(connector).reduce((total, x) => total + x.size, 0);
    expect(summary).toMatchObject({
      'connector parameters': size,
      parameters: size,
      frozen: 'encoder+language_model',
      encoder: 'vit-b',
      ...drawnSummary(3),
    });
    const asked = summary['sequences asked'] as Readonly<Record<string, number>>;
    for (const [kind, weight] of Object.entries({ caption: 24, vecap: 16, interleaved: 30, text: 20, question: 20 })) {
      expect(asked[kind], kind).toBeCloseTo(weight / 110, 12);
    }
    // The rule of the paper for the 82,240 parameters of smoke's decoder outside its table.
    expect(summary['learning rate']).toBeCloseTo(Math.exp(-0.4214 * Math.log(82_240) - 0.5535), 9);
    const written = loadWeights(at);
    expect(Object.keys(written).sort()).toEqual([...Object.keys(connector), ...Object.keys(language_model)].sort());
    for (const [name, before] of Object.entries(language_model)) {
      expect(written[name]!.dataSync(), name).toEqual(before.dataSync());
    }
  });

  it('remembers what it drew, and goes on from there as if it had never stopped', async () => {
    show(true);
    const { metadata } = await firstUpdate('pretrain', { recipe, seed: SEED });
    expect(JSON.parse(metadata.get('data')!)).toEqual(addSequences({}, drawn(1)));
    expect([metadata.get('step'), metadata.get('seed')]).toEqual(['1', String(SEED)]);

    const spec = { recipe: changed({ steps: 4, warmup: 1, accumulate: 2 }), seed: SEED };
    const whole = await finish('pretrain', spec);
    const { checkpoints } = await firstUpdate('pretrain', spec);
    const rest = await finish('pretrain', spec, checkpoints);
    expect(rest.summary).toEqual({ ...whole.summary, ...WAITING });
    expect(whole.summary).toMatchObject(drawnSummary(4));
    const weights = ({ at }: typeof whole) => readFileSync(join(at, 'model.safetensors'));
    expect(weights(rest).equals(weights(whole))).toBe(true);
  });

  it('features are what the encoder gives of every picture', async () => {
    const many = {
      kind: 'caption',
      sources: [{ source: 'emoji' }],
      documents: 70,
      concepts: 30,
      resolution: 56,
    } as const;
    const { at } = await finish('corpus', many);
    folders.pictures = at;
    const told: number[] = [];
    const { context } = surroundings(async ({ done }) => void told.push(done));
    const summary = await STAGE_RUNNERS.features({ recipe }, context);
    expect(summary).toEqual({ pictures: 70, patches: 16, width: 32 }); // more than two batches
    const set = new FeatureSet(context.folder);
    expect([set.patches, set.width, set.ids.length]).toEqual([16, 32, 70]);
    expect([told[0], told[1], told.at(-1)]).toEqual([32, 64, 70]);
    const pictures = await openPatches([at], 56, 14);
    expect(set.ids).toEqual(pictures.ids);
    const weights = loadWeights(folders.encoder!);
    const ids = [set.ids[0]!, set.ids[31]!, set.ids[32]!, set.ids.at(-1)!];
    const expected = ENCODERS.clip.features(
      weights,
      recipe,
      tf.tensor3d(await pictures.read(ids), [ids.length, 16, 588]),
    );
    const stored = new Float32Array(4 * 16 * 32);
    for (const [i, id] of ids.entries()) set.readInto(id, stored, i * 16 * 32);
    expect(await largestDifference(tf.tensor3d(stored, [4, 16, 32]), expected)).toBeLessThan(2e-3); // kept as 16-bit floats
    await pictures.close();
    set.close();
  });
});
