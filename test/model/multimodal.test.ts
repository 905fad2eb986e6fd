import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Group, type Piece, pack, type Room, type Sequence } from '../../src/data/packing.js';
import { openEngine } from '../../src/engine/index.js';
import { CONNECTORS } from '../../src/model/connectors/index.js';
import { decoder, decoderSpecs, embedTokens, vocabularyLogits } from '../../src/model/decoder.js';
import { causalMask, packedMask, takeRows } from '../../src/model/layers/index.js';
import { routerLoss } from '../../src/model/mixture-of-experts.js';
import {
  CONNECTOR_PREFIX,
  ENCODER_PREFIX,
  LANGUAGE_MODEL_PREFIX,
  languageLoss,
  languageModel,
  multimodal,
  part,
  textLoss,
  visualTokens,
} from '../../src/model/multimodal.js';
import type { MultimodalConfig } from '../../src/model/multimodal-config.js';
import { initialise, type Parameters, prefixed } from '../../src/model/parameters.js';
import { tensorsOf } from '../../src/train/batches/arrays.js';
import { languageArrays } from '../../src/train/batches/language.js';
import { largestDifference } from './golden.js';

const config: MultimodalConfig = {
  encoder: null,
  connector: {
    type: 'average-pool',
    encoder_hidden_size: 8,
    hidden_size: 8,
    output_hidden_size: 16,
    grid: 4,
    tokens: 4,
  },
  decoder: {
    vocab_size: 50,
    hidden_size: 16,
    intermediate_size: 24,
    num_hidden_layers: 2,
    num_attention_heads: 2,
    num_key_value_heads: 2,
    rms_norm_eps: 1e-5,
    rope_theta: 10_000,
    tie_word_embeddings: true,
  },
};
let parameters: Parameters;

function draw({ connector, decoder: language }: MultimodalConfig): Parameters {
  return initialise(
    {
      ...prefixed('connector.', CONNECTORS[connector.type].specs(connector)),
      ...prefixed('language_model.', decoderSpecs(language)),
    },
    3,
  );
}

beforeAll(async () => {
  await openEngine();
  parameters = draw(config);
});

const text = (tokens: number[], counted = false): Piece => ({ tokens, counted });
type Example = readonly Piece[];
const example = (prompt: number[], answer: number[]): Example => [text(prompt), text(answer, true)];
const A = example([3, 4, 5], [6, 7, 0]);
const B = example([8, 9], [10, 11, 12, 0]);
const ANSWERS = 7;
const PAD = 1;
const SLOTS = config.connector.tokens;

const pictures = (...seeds: number[]) =>
  tf.concat(seeds.map((seed) => tf.randomNormal([1, 16, 8], 0, 1, 'float32', seed) as tf.Tensor3D)) as tf.Tensor3D;
const group = (shared: Piece[], ...examples: Example[]): Group => ({ shared, examples });
const sequence = (shared: Piece[], ...examples: Example[]): Sequence => ({ groups: [group(shared, ...examples)] });

async function run(sequences: Sequence[], features: tf.Tensor3D | null, room: Partial<Room> = {}) {
  const images = features ? features.shape[0] / sequences.length : 0;
  const packed = pack(sequences, { text: 16, images, slots: SLOTS, ...room }, PAD);
  const batch = tensorsOf(languageArrays(packed));
  const output = features
    ? multimodal(parameters, config, batch, features)
    : languageModel(parameters, config.decoder, batch, null);
  const loss = (await languageLoss(output, config.decoder, batch).data())[0]!;
  return { loss, counted: packed.counted.reduce((a, b) => a + b, 0), logits: output.logits, packed };
}

describe('packed sequences', () => {
  it.each([
    ['text alone', [], null],
    ['a picture', [{ image: 0 }], 1],
  ] as const)('an example reads the same packed as alone: %s', async (_, shared, seed) => {
    const features = seed === null ? null : pictures(seed);
    const all = [[A], [B], [A, B]].map((examples) => run([sequence([...shared], ...examples)], features));
    const [a, b, both] = await Promise.all(all);
    const expected = (a!.loss * a!.counted + b!.loss * b!.counted) / (a!.counted + b!.counted);
    expect(Math.abs(both!.loss - expected)).toBeLessThan(2e-6);
  });

  it('a group reads the same behind another as alone', async () => {
    const [first, second] = [pictures(1), pictures(2)];
    const asked = (image: number) => group([{ image }], A, B);
    const told = (image: number) => group([], [{ image }, text([20, 21, 22], true)]);
    const one = await run([{ groups: [asked(0)] }], first);
    const other = await run([{ groups: [told(0)] }], second);
    const expected = (one.loss * one.counted + other.loss * other.counted) / (one.counted + other.counted);
    const both = [
      await run([{ groups: [asked(0), told(1)] }], tf.concat([first, second])),
      await run([{ groups: [told(0), asked(1)] }], tf.concat([second, first])),
    ];
    for (const { loss, counted } of both) {
      expect(counted).toBe(one.counted + other.counted);
      expect(Math.abs(loss - expected)).toBeLessThan(2e-6);
    }
  });

  it('loss falls on answers alone', async () => {
    expect((await run([sequence([], A, B)], null)).counted).toBe(ANSWERS);
  });

  it('an example sees its picture, and another picture gives another loss', async () => {
    const both = [1, 2].map((seed) => run([sequence([{ image: 0 }], A)], pictures(seed)));
    const [first, second] = await Promise.all(both);
    expect(Math.abs(first!.loss - second!.loss)).toBeGreaterThan(1e-4);
  });

  it('a sequence without a picture sees none, whatever lies in its place', async () => {
    const { loss } = await run([sequence([], A)], null);
    expect(Math.abs(loss - (await run([sequence([], A)], pictures(1))).loss)).toBeLessThan(2e-6);
  });

  it('every example sees the shared context', async () => {
    const both = [
      [20, 21],
      [22, 23],
    ].map((context) => run([sequence([text(context)], A, B)], null));
    const [with1, with2] = await Promise.all(both);
    expect(Math.abs(with1!.loss - with2!.loss)).toBeGreaterThan(1e-4);
  });

  it('sequences of a batch keep to themselves', async () => {
    const [one, other] = [sequence([{ image: 0 }], A), sequence([{ image: 1 }], B)];
    const together = await run([one, other], pictures(1, 2));
    const [first, second] = [await run([one], pictures(1)), await run([sequence([{ image: 0 }], B)], pictures(2))];
    const expected = (first.loss * first.counted + second.loss * second.counted) / ANSWERS;
    expect(Math.abs(together.loss - expected)).toBeLessThan(2e-6);
  });
});

describe('several pictures in one sequence', () => {
  const document: Example = [{ image: 0 }, text([3, 4]), text([5], true), { image: 1 }, text([6]), text([7, 8], true)];
  const target = (packed: ReturnType<typeof pack>, token: number) => [...packed.targets].indexOf(token);
  const row = (x: tf.Tensor2D, i: number) => tf.slice(x, [i, 0], [1, x.shape[1]]);

  it('a text reads the pictures before it and none after it', async () => {
    const runs = [pictures(1, 2), pictures(3, 2), pictures(1, 3)].map((both) => run([sequence([], document)], both));
    const [base, first, second] = await Promise.all(runs);
    const [early, late] = [target(base!.packed, 5), target(base!.packed, 7)];
    const moved = (other: typeof base, at: number) => largestDifference(row(other!.logits, at), row(base!.logits, at));
    expect(await moved(first, early)).toBeGreaterThan(1e-4);
    expect(await moved(first, late)).toBeGreaterThan(1e-4);
    expect(await moved(second, early)).toBe(0);
    expect(await moved(second, late)).toBeGreaterThan(1e-4);
  });

  it('it reads as one plain causal sequence, which is how decoding reads it', async () => {
    const both = pictures(5, 6);
    const { logits, packed } = await run([sequence([], document)], both);
    const model = part(parameters, 'language_model.');
    const visual = visualTokens(parameters, config, both);
    const words = (...ids: number[]) => embedTokens(model, tf.tensor2d([ids], [1, ids.length], 'int32'));
    const picture = (i: number) => tf.slice(visual, [i, 0, 0], [1, SLOTS, 16]);
    const embeddings = tf.concat([picture(0), words(3, 4, 5), picture(1), words(6, 7)], 1) as tf.Tensor3D;
    const length = embeddings.shape[1];
    const positions = tf.reshape(tf.range(0, length), [1, length]) as tf.Tensor2D;
    const { last } = decoder(model, config.decoder, { embeddings, positions, mask: causalMask(length) });
    const plain = tf.reshape(vocabularyLogits(model, config.decoder, last), [length, -1]) as tf.Tensor2D;
    for (const [token, at] of [
      [5, SLOTS + 1],
      [7, 2 * SLOTS + 3],
      [8, 2 * SLOTS + 4],
    ] as const) {
      expect(await largestDifference(row(logits, target(packed, token)), row(plain, at))).toBeLessThan(1e-5);
    }
  });

  it('pictures of one example are hidden from another', async () => {
    const other: Example = [text([9]), text([10, 11], true)];
    const runs = [pictures(1, 2), pictures(3, 4)].map((both) => run([sequence([], document, other)], both));
    const [base, changed] = await Promise.all(runs);
    for (const token of [10, 11]) {
      const at = target(base!.packed, token);
      expect(await largestDifference(row(base!.logits, at), row(changed!.logits, at))).toBe(0);
    }
  });
});

describe('what learns', () => {
  /** Largest gradient of each weight whose name starts with a prefix. */
  async function gradients(weights: Parameters, own: MultimodalConfig, input: tf.Tensor3D, prefix: string) {
    const batch = tensorsOf(
      languageArrays(pack([sequence([{ image: 0 }], A, B)], { text: 16, images: 1, slots: own.connector.tokens }, PAD)),
    );
    const names = Object.keys(weights).filter((name) => name.startsWith(prefix));
    const grads = tf.grads((...tensors: tf.Tensor[]) => {
      const learning = Object.fromEntries(names.map((name, i) => [name, tensors[i]!]));
      return languageLoss(multimodal({ ...weights, ...learning }, own, batch, input), own.decoder, batch);
    })(names.map((name) => weights[name]!));
    return Promise.all(grads.map(async (gradient) => (await tf.max(tf.abs(gradient)).data())[0]!));
  }

  it.each(['connector.', 'language_model.'])('the loss reaches every weight of %s', async (prefix) => {
    expect(Math.min(...(await gradients(parameters, config, pictures(1), prefix)))).toBeGreaterThan(0);
  });

  it("its gradient is the loss's slope, through the splice and the reads", async () => {
    const batch = tensorsOf(
      languageArrays(pack([sequence([{ image: 0 }], A, B)], { text: 16, images: 1, slots: SLOTS }, PAD)),
    );
    const input = pictures(1);
    const f = (features: tf.Tensor) =>
      languageLoss(multimodal(parameters, config, batch, features as tf.Tensor3D), config.decoder, batch);
    const direction = pictures(9);
    const slope = (await tf.sum(tf.mul(tf.grad(f)(input), direction)).data())[0]!;
    // Of fourth order: steps that are small enough for the second are too small for float32.
    const step = 3e-2;
    const at = async (s: number) => (await f(tf.add(input, tf.mul(direction, s))).data())[0]!;
    const difference = async (s: number) => (await at(s)) - (await at(-s));
    const numeric = (8 * (await difference(step)) - (await difference(2 * step))) / (12 * step);
    expect(Math.abs(numeric - slope)).toBeLessThan(2e-3 * Math.max(1e-2, Math.abs(slope)));
  });

  it('a mixture of experts adds its router losses, padding left out', async () => {
    const sparse = { ...config, decoder: { ...config.decoder, num_local_experts: 4, num_experts_per_tok: 2 } };
    const weights = draw(sparse);
    const sequences = [sequence([text([20, 21])], A)];
    const batch = tensorsOf(languageArrays(pack(sequences, { text: 16, images: 0, slots: 0 }, PAD)));
    const output = languageModel(weights, sparse.decoder, batch, null);
    expect(output.routerLogits.length).toBe(2);
    const own = (await textLoss(output.logits, batch.targets, batch.counted).data())[0]!;
    const real = output.routerLogits.map((rows) => tf.slice(rows, [0, 0], [7, 4]) as tf.Tensor2D); // two shared positions and A's five
    const router = (await routerLoss(real, sparse.decoder).data())[0]!;
    expect((await languageLoss(output, sparse.decoder, batch).data())[0]!).toBeCloseTo(own + router, 5);
    expect(router).toBeGreaterThan(0.01);
  });
});

it('takes rows and brings their gradient back, from where they stand alone', async () => {
  const table = tf.tensor2d([[1], [2], [3]]);
  const places = { from: tf.tensor1d([2, 0, 0], 'int32'), to: tf.tensor1d([1, 3, 0], 'int32') };
  expect([...(await takeRows(table, places).data())]).toEqual([3, 1, 1]);
  const weights = tf.tensor2d([[10], [20], [40]]);
  const gradient = tf.grad((x) => tf.sum(tf.mul(takeRows(x as tf.Tensor2D, places), weights)))(table);
  expect([...(await gradient.data())]).toEqual([20, 0, 10]); // the third place is padding
});

it('the mask lets a token see what came before it in its own example or shared by its group, and nothing else', async () => {
  const row = (...values: number[]) => tf.tensor2d([values], [1, values.length], 'int32');
  const see = async (groups: tf.Tensor2D, segments: tf.Tensor2D) =>
    ((await tf.equal(packedMask({ groups, segments }), 0).array()) as unknown as number[][][][])[0]![0];
  expect(await see(row(0, 0, 0, 0, -1), row(0, 1, 1, 2, -1))).toEqual([
    [1, 0, 0, 0, 0],
    [1, 1, 0, 0, 0],
    [1, 1, 1, 0, 0],
    [1, 0, 0, 1, 0],
    [0, 0, 0, 0, 1],
  ]);
  expect(await see(row(0, 0, 1, 1, 1, 2), row(0, 1, 0, 1, 2, 1))).toEqual([
    [1, 0, 0, 0, 0, 0],
    [1, 1, 0, 0, 0, 0],
    [0, 0, 1, 0, 0, 0],
    [0, 0, 1, 1, 0, 0],
    [0, 0, 1, 0, 1, 0],
    [0, 0, 0, 0, 0, 1],
  ]);
});

it('the loss is the mean of what counts, be it one token', async () => {
  const [logits, targets] = [
    tf.tensor2d([
      [1, 0],
      [0, 3],
    ]),
    tf.tensor1d([0, 0], 'int32'),
  ];
  const one = textLoss(logits, targets, tf.tensor1d([1, 0]));
  expect((await one.data())[0]).toBeCloseTo(Math.log(1 + Math.exp(-1)), 6);
});

it('the parts of a model are named as its checkpoints name them', () => {
  expect([ENCODER_PREFIX, CONNECTOR_PREFIX, LANGUAGE_MODEL_PREFIX]).toEqual([
    'encoder.',
    'connector.',
    'language_model.',
  ]);
});

it('a batch in which nothing counts has a loss of 0, and not none', async () => {
  expect((await run([sequence([text([3, 4])])], null)).loss).toBe(0);
});
