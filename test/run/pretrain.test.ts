import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Recipe } from '../../src/config/recipe.js';
import { trainingImages } from '../../src/data/emoji/corpus.js';
import { FeatureSet, FeatureWriter } from '../../src/data/feature-set.js';
import { drawSequences, type EncodedConcept, noneDrawn } from '../../src/data/mixture.js';
import { pack } from '../../src/data/packing.js';
import { openFeatures, openPatches } from '../../src/data/pictures.js';
import { openEngine } from '../../src/engine/index.js';
import { evaluationItems } from '../../src/evaluate/tasks/index.js';
import { CONNECTORS } from '../../src/model/connectors/index.js';
import { ENCODERS } from '../../src/model/encoders/index.js';
import { languageLoss, multimodal } from '../../src/model/multimodal.js';
import { multimodalConfig } from '../../src/model/multimodal-config.js';
import { initialise, type Parameters, prefixed } from '../../src/model/parameters.js';
import { SCORES_FILE, type TrialScores } from '../../src/run/stages/evaluate.js';
import { STAGE_RUNNERS } from '../../src/run/stages/index.js';
import { loadWeights } from '../../src/train/checkpoint.js';
import { encodeConcepts, languageBatch } from '../../src/train/language.js';
import { largestDifference } from '../model/golden.js';
import {
  BATCH,
  CONCEPTS,
  corpus,
  encoder,
  expectUpdate,
  finish,
  firstUpdate,
  folder,
  folders,
  language,
  recipe,
  SEED,
  surroundings,
  tokenizer,
} from './first-update.js';

beforeAll(async () => {
  await openEngine();
  folders.images = (await finish('images', { concepts: CONCEPTS, resolution: 56 })).at;
});

describe('multimodal pre-training', () => {
  const evaluation = { tasks: ['emoji-caption', 'emoji-question'] as const, shots: [0], items: 5 };
  const changed = (training: Partial<Recipe['training']>) => ({
    ...recipe,
    training: { ...recipe.training, ...training },
  });
  const drawnFrom = (concepts: readonly EncodedConcept[]) => {
    const drawn = noneDrawn();
    return { sequences: drawSequences(concepts, recipe.data, SEED, 0, BATCH, drawn), drawn };
  };

  beforeAll(async () => {
    const short = {
      ...recipe,
      encoder: { ...encoder, steps: 1 },
      language_model: { ...language, steps: 1 },
    };
    folders.encoder = (await finish('encoder', { recipe: short, concepts: CONCEPTS })).at;
    folders['language-model'] = (await finish('language-model', { recipe: short, concepts: CONCEPTS })).at;
    folders.features = (await finish('features', { recipe, concepts: CONCEPTS, evaluation })).at;
  });

  /** What the model is shown, and the first batch of it. */
  async function firstBatch(frozenEncoder: boolean) {
    const shown = frozenEncoder ? openFeatures(folders.features!) : await openPatches(folders.images!, 14);
    const pictures = trainingImages(corpus).filter(({ id }) => shown.has(id));
    const encoded = encodeConcepts(corpus, tokenizer);
    const { sequences, drawn } = drawnFrom(pictures.map(({ concept }) => encoded.get(concept.id)!));
    const packed = pack(sequences, { text: 64, images: 1, slots: 4 }, tokenizer.pad);
    const input = await shown.read(packed.images.map((image) => (image === null ? null : pictures[image]!.id)));
    await shown.close();
    return { batch: languageBatch(packed), input, drawn, pictures: pictures.length };
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

  it.each([
    ['encoder', ['connector', 'language_model']],
    ['none', ['encoder', 'connector', 'language_model']],
    ['encoder+language_model', ['connector']],
    ['connector', ['encoder', 'language_model']],
  ] as const)('teaches all but what is frozen, each part at its own rate: %s', async (freeze, learning) => {
    const own = changed({ freeze });
    const config = multimodalConfig(own, tokenizer.vocabularySize);
    const { batch, input } = await firstBatch(freeze.includes('encoder'));
    const parts = start(config);
    const all = { ...parts.encoder, ...parts.connector, ...parts.language_model };
    expectUpdate(await firstUpdate('pretrain', { recipe: own, seed: SEED }), {
      start: Object.assign({}, ...learning.map((part) => parts[part])),
      loss: (weights) => languageLoss(multimodal({ ...all, ...weights }, config, batch, input), config.decoder, batch),
      // A fifth of each peak: five steps warm up.
      rate: (name) => ({ encoder: 1e-3, connector: 3e-3, language_model: 2e-3 })[name.split('.')[0]!]! / 5,
      adam: { beta1: 0.9, beta2: 0.95, epsilon: 1e-8, weightDecay: 0.3, clip: 0.05 },
    });
  });

  it('in parts of a batch is that of the batch, each token counting the same', async () => {
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
    const spec = { recipe: changed({ schedule, warmup: 0, steps: 4 }), seed: SEED };
    expect((await firstUpdate('pretrain', spec)).metrics.learning_rate).toBeCloseTo(2e-3 * share, 9);
  });

  it('says what it trained, and writes what was frozen along', async () => {
    const own = changed({ freeze: 'encoder+language_model', steps: 1, learning_rate: 'paper' });
    const { summary, at } = await finish('pretrain', { recipe: own, seed: SEED });
    const { drawn, pictures } = await firstBatch(true);
    const { connector, language_model } = start(multimodalConfig(own, tokenizer.vocabularySize));
    const size = Object.values(connector).reduce((total, x) => total + x.size, 0);
    expect(summary).toMatchObject({
      'connector parameters': size,
      parameters: size,
      frozen: 'encoder+language_model',
      encoder: 'vit-b',
      pictures,
      'examples drawn': drawn,
    });
    // The rule of the paper for the 82,240 parameters of smoke's decoder outside its table.
    expect(summary['learning rate']).toBeCloseTo(Math.exp(-0.4214 * Math.log(82_240) - 0.5535), 9);
    const written = loadWeights(at);
    expect(Object.keys(written).sort()).toEqual([...Object.keys(connector), ...Object.keys(language_model)].sort());
    for (const [name, before] of Object.entries(language_model)) {
      expect(written[name]!.dataSync(), name).toEqual(before.dataSync());
    }
  });

  it('remembers what it drew, and goes on counting from there', async () => {
    const { metadata } = await firstUpdate('pretrain', { recipe, seed: SEED });
    expect(JSON.parse(metadata.get('data')!)).toEqual((await firstBatch(true)).drawn);
    expect([metadata.get('step'), metadata.get('seed')]).toEqual(['1', String(SEED)]);

    const spec = { recipe: changed({ steps: 3, warmup: 1 }), seed: SEED };
    const whole = await finish('pretrain', spec);
    const { checkpoints } = await firstUpdate('pretrain', spec);
    const rest = await finish('pretrain', spec, checkpoints);
    expect(rest.summary).toEqual(whole.summary);
  });

  it('features are what the encoder gives of every picture', async () => {
    const set = new FeatureSet(folders.features!);
    expect([set.patches, set.width]).toEqual([16, 32]);
    expect(set.ids.length).toBeGreaterThan(64); // more than two batches
    const told: number[] = [];
    const { context } = surroundings(async ({ done }) => void told.push(done));
    await STAGE_RUNNERS.features({ recipe, concepts: CONCEPTS, evaluation }, context);
    expect([told[0], told[1], told.at(-1)]).toEqual([32, 64, set.ids.length]);
    const pictures = await openPatches(folders.images!, 14);
    const weights = loadWeights(folders.encoder!);
    const ids = [set.ids[0]!, set.ids[31]!, set.ids[32]!, set.ids.at(-1)!];
    const expected = ENCODERS.clip.features(weights, recipe, await pictures.read(ids));
    const stored = tf.tensor3d(set.read(ids), [4, 16, 32]);
    expect(largestDifference(stored, expected)).toBeLessThan(2e-3); // kept as 16-bit floats
    await pictures.close();
    set.close();
  });

  it('a picture that its vendor left blank is neither trained on nor asked about', async () => {
    const set = new FeatureSet(folders.features!);
    const asked = evaluationItems(corpus, evaluation)[0]!.items[0]!.image;
    const shown = trainingImages(corpus);
    const rest = set.ids.filter((id) => id !== asked.id && id !== shown[0]!.id);
    const without = folder();
    const writer = new FeatureWriter(without);
    writer.append(rest, set.read(rest));
    writer.close(set.patches, set.width);
    set.close();
    const { features } = folders;
    folders.features = without;
    const { summary, at } = await finish('pretrain', { recipe: changed({ steps: 1 }), seed: SEED });
    expect(summary.pictures).toBe(shown.length - 1);
    folders.pretrain = at;
    const { at: answered } = await finish('evaluate', { recipe, evaluation });
    const { scores }: TrialScores = JSON.parse(readFileSync(join(answered, SCORES_FILE), 'utf8'));
    expect(scores[0]).toMatchObject({ task: 'emoji-caption', items: 4 });
    folders.features = features!;
  });

  it('an evaluation asks every task with its pictures and without, and scores each answer', async () => {
    folders.pretrain = (await finish('pretrain', { recipe: changed({ steps: 1 }), seed: SEED })).at;
    const told: [number, number][] = [];
    const { context } = surroundings(async ({ done, total }) => void told.push([done, total]));
    const summary = await STAGE_RUNNERS.evaluate({ recipe, evaluation }, context);
    const { scores, items }: TrialScores = JSON.parse(readFileSync(join(context.folder, SCORES_FILE), 'utf8'));
    const asked = evaluationItems(corpus, evaluation);
    expect(scores.map(({ task, condition }) => [task, condition])).toEqual(
      asked.flatMap(({ name }) => ['image', 'blind'].map((condition) => [name, condition])),
    );
    for (const { value, chance, ...score } of scores) {
      const { task, items: own } = asked.find(({ name }) => name === score.task)!;
      const answers = items.filter(({ task: of, condition }) => of === score.task && condition === score.condition);
      expect(score).toMatchObject({ shots: 0, metric: task.metric, items: own.length });
      expect(chance).toBe(task.chance(own));
      expect(answers.map(({ item, prompt, references }) => [item, prompt, references])).toEqual(
        own.map(({ id, prompt, references }) => [id, prompt, references]),
      );
      const scored = task.score(
        answers.map(({ output }) => output),
        own,
      );
      expect(answers.map((answer) => answer.value)).toEqual(scored.items);
      expect(value).toBe(scored.mean);
      expect(summary[`${score.task}${score.condition === 'blind' ? ' blind' : ''}`]).toBe(value);
      for (const answer of answers) expect(answer).toMatchObject({ shots: 0, metric: task.metric });
    }
    expect(told).toEqual([
      [5, 10],
      [10, 10],
    ]);
  });
});
