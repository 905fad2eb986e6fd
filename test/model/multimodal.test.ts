import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { type EncodedExample, pack, type Sequence } from '../../src/data/packing.js';
import { openEngine } from '../../src/engine/index.js';
import { CONNECTORS } from '../../src/model/connectors/index.js';
import { decoder, decoderSpecs, embedTokens, vocabularyLogits } from '../../src/model/decoder.js';
import { causalMask } from '../../src/model/layers/index.js';
import {
  languageModel,
  type MultimodalConfig,
  multimodal,
  packedMask,
  part,
  textLoss,
  visualTokens,
} from '../../src/model/multimodal.js';
import { initialise, type Parameters, prefixed } from '../../src/model/parameters.js';
import { largestDifference } from './golden.js';

const config: MultimodalConfig = {
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

beforeAll(async () => {
  await openEngine();
  const specs = {
    ...prefixed('connector.', CONNECTORS['average-pool'].specs(config.connector)),
    ...prefixed('language_model.', decoderSpecs(config.decoder)),
  };
  parameters = initialise(specs, 3);
});

const example = (prompt: number[], answer: number[]): EncodedExample => ({ kind: 'caption', prompt, answer });
const A = example([3, 4, 5], [6, 7, 0]);
const B = example([8, 9], [10, 11, 12, 0]);
const PAD = 1;

function run(sequences: Sequence[], length: number, features?: tf.Tensor3D) {
  const packed = pack(sequences, length, PAD);
  const shape: [number, number] = [sequences.length, length];
  const text = {
    ids: tf.tensor2d(packed.ids, shape, 'int32'),
    segments: tf.tensor2d(packed.segments, shape, 'int32'),
    positions: tf.tensor2d(packed.positions, shape, 'int32'),
  };
  const shown = tf.tensor1d(
    sequences.map(({ image }) => (image === null ? 0 : 1)),
    'int32',
  );
  const logits = features
    ? multimodal(parameters, config, text, features, shown)
    : languageModel(parameters, config.decoder, text);
  const loss = textLoss(logits, tf.tensor2d(packed.targets, shape, 'int32'), tf.tensor2d(packed.counted, shape));
  return { loss: loss.dataSync()[0]!, counted: packed.counted.reduce((a, b) => a + b, 0), logits };
}

const picture = (seed: number) => tf.randomNormal([1, 16, 8], 0, 1, 'float32', seed) as tf.Tensor3D;
const sequence = (image: number | null, examples: EncodedExample[], context: number[] = []): Sequence => ({
  image,
  context,
  examples,
});

describe('packed sequences', () => {
  it.each([
    ['text alone', null, undefined],
    ['a picture', 0, 1],
  ] as const)('an example reads the same packed as alone: %s', (_, image, seed) => {
    const features = seed === undefined ? undefined : picture(seed);
    const [a, b, both] = [[A], [B], [A, B]].map((examples) => run([sequence(image, examples)], 16, features));
    const expected = (a!.loss * a!.counted + b!.loss * b!.counted) / (a!.counted + b!.counted);
    expect(Math.abs(both!.loss - expected)).toBeLessThan(2e-6);
  });

  it('loss falls on answers alone', () => {
    expect(run([sequence(null, [A, B])], 16).counted).toBe(A.answer.length + B.answer.length);
  });

  it('an example sees its picture, and another picture gives another loss', () => {
    const [first, second] = [1, 2].map((seed) => run([sequence(0, [A])], 8, picture(seed)).loss);
    expect(Math.abs(first! - second!)).toBeGreaterThan(1e-4);
  });

  it('a sequence without a picture sees none, whatever lies in its slots', () => {
    const blind = run([sequence(null, [A])], 8).loss;
    const slots = run([sequence(null, [A])], 8, picture(1)).loss;
    expect(Math.abs(blind - slots)).toBeLessThan(2e-6);
  });

  it('every example sees the shared context', () => {
    const [with1, with2] = [
      [20, 21],
      [22, 23],
    ].map((context) => run([sequence(null, [A, B], context)], 16).loss);
    expect(Math.abs(with1! - with2!)).toBeGreaterThan(1e-4);
  });

  it('an example without room is dropped whole, and counted', () => {
    const packed = pack([sequence(null, [A, B])], 6, PAD);
    expect(packed.dropped).toBe(1);
    expect(packed.counted.reduce((a, b) => a + b, 0)).toBe(A.answer.length);
  });
});

it('a picture and one example read as one plain causal sequence, which is how decoding reads them', () => {
  const features = picture(5);
  const tokens = [...A.prompt, ...A.answer.slice(0, -1)];
  const { logits } = run([sequence(0, [A])], tokens.length, features);
  const model = part(parameters, 'language_model.');
  const words = embedTokens(model, tf.tensor2d([tokens], [1, tokens.length], 'int32'));
  const embeddings = tf.concat([visualTokens(parameters, config, features), words], 1);
  const length = embeddings.shape[1];
  const positions = tf.reshape(tf.range(0, length), [1, length]) as tf.Tensor2D;
  const { last } = decoder(model, config.decoder, { embeddings, positions, mask: causalMask(length) });
  const plain = vocabularyLogits(model, config.decoder, last);
  const text = tf.slice(plain, [0, config.connector.tokens, 0], [1, tokens.length, config.decoder.vocab_size]);
  expect(largestDifference(logits, text)).toBeLessThan(1e-5);
});

it('the mask lets a token see what came before it in its own example or shared, and nothing else', () => {
  const segments = tf.tensor2d([[0, 1, 1, 2, -1]], [1, 5], 'int32');
  const allowed = tf.equal(packedMask(segments), 0).arraySync() as unknown as number[][][][];
  expect(allowed[0]![0]).toEqual([
    [1, 0, 0, 0, 0],
    [1, 1, 0, 0, 0],
    [1, 1, 1, 0, 0],
    [1, 0, 0, 1, 0],
    [1, 0, 0, 0, 1],
  ]);
});
