import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { imagesOf, loadEmojiCorpus } from '../../src/data/emoji/corpus.js';
import type { Pictures } from '../../src/data/pictures.js';
import { loadTokenizer } from '../../src/data/tokenizer/index.js';
import { openEngine } from '../../src/engine/index.js';
import { ask, askBlind, type Subject } from '../../src/evaluate/ask.js';
import type { Item } from '../../src/evaluate/tasks/index.js';
import { CONNECTORS } from '../../src/model/connectors/index.js';
import { decoderSpecs } from '../../src/model/decoder.js';
import type { MultimodalConfig } from '../../src/model/multimodal-config.js';
import { initialise, prefixed } from '../../src/model/parameters.js';
import { random } from '../../src/random.js';

const COUNT = 70;
const tokenizer = loadTokenizer();
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
    vocab_size: tokenizer.vocabularySize,
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

/** Features that a picture's name decides; `read` is told what was read, in its order. */
const pictures = (read: string[] = []): Pictures => ({
  ids: [],
  shape: [16, 8],
  async read(ids) {
    read.push(...ids.map(String));
    const values = ids.flatMap((id) => {
      const stream = random(1, `${id}`);
      return Array.from({ length: 16 * 8 }, () => 3 * stream.normal());
    });
    return Float32Array.from(values);
  },
  close: async () => {},
});

let subject: Subject;
beforeAll(async () => {
  await openEngine();
  const specs = {
    ...prefixed('connector.', CONNECTORS['average-pool'].specs(config.connector)),
    ...prefixed('language_model.', decoderSpecs(config.decoder)),
  };
  const parameters = Object.fromEntries(
    Object.entries(initialise(specs, 2)).map(([name, x]) => [name, name.includes('norm') ? x : tf.mul(x, 8)]),
  );
  subject = { parameters, config, tokenizer, pictures: pictures() };
});

/** Questions of three lengths, in turn: a picture each. */
const items: Item[] = imagesOf(loadEmojiCorpus({ concepts: 60 }), 'train')
  .slice(0, COUNT)
  .map((image, i) => ({
    id: image.id,
    image,
    prompt: ['Question: what is this? Short answer:', 'A drawing of', 'A drawing'][i % 3]!,
    references: [''],
    choices: [''],
  }));
const endless = { limit: 6, stops: [] };

describe('with pictures', () => {
  it('answers stand in the order of the items, and are those of each item alone', async () => {
    expect(items.length).toBe(COUNT);
    const told: number[] = [];
    const answers = await ask(subject, endless, items, async (count) => void told.push(count));
    expect(told).toEqual([64, 6]);
    for (const i of [0, 1, 2, 40, COUNT - 1]) {
      expect(await ask(subject, endless, [items[i]!], async () => {})).toEqual([answers[i]]);
    }
    expect(new Set(answers).size).toBeGreaterThan(10); // the pictures are looked at
  });

  it('asks prompts of one length together', async () => {
    const read: string[] = [];
    await ask({ ...subject, pictures: pictures(read) }, endless, items, async () => {});
    const length = (id: string) => tokenizer.encode(items.find((item) => item.image.id === id)!.prompt).length;
    const lengths = read.map(length);
    expect(lengths).toEqual([...lengths].sort((a, b) => a - b));
    expect(new Set(lengths).size).toBe(3);
  });

  it('leaves no tensor behind', async () => {
    const before = tf.memory().numTensors;
    await ask(subject, endless, items.slice(0, 3), async () => {});
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe('without pictures', () => {
  it('equal prompts have equal answers, each that of the prompt alone', () => {
    const answers = askBlind(subject, endless, items);
    expect(answers.length).toBe(COUNT);
    expect(new Set(answers.slice(0, 3)).size).toBe(3);
    answers.forEach((answer, i) => {
      expect(answer).toBe(answers[i % 3]);
    });
    expect(askBlind(subject, endless, [items[1]!])).toEqual([answers[1]]);
  });

  it('more prompts than stand in a batch are all answered', () => {
    const many = items.map((item, i) => ({ ...item, prompt: `${item.prompt} ${i}` }));
    const answers = askBlind(subject, endless, many);
    for (const i of [0, 63, 64, 69]) expect(askBlind(subject, endless, [many[i]!])).toEqual([answers[i]]);
  });
});

describe('stop strings', () => {
  const answer = (limit: number, ...stops: string[]) => askBlind(subject, { limit, stops }, [items[0]!])[0]!;

  it('end an answer where the first of them stands, without blanks around it', () => {
    const whole = answer(16);
    expect(whole).toBe(whole.trim());
    const blank = whole.indexOf(' ', 1);
    expect(blank).toBeGreaterThan(0);
    const [early, late] = [whole.slice(blank + 1, blank + 3), whole.slice(-2)];
    const end = Math.min(whole.indexOf(early), whole.indexOf(late));
    expect(answer(16, late, 'no such string', early)).toBe(whole.slice(0, end).trim());
    expect(answer(16, 'no such string')).toBe(whole);
  });

  it('end the decoding too', async () => {
    const [first] = answer(1);
    const steps = async (...stops: string[]) => {
      const { kernels } = await tf.profile(() => {
        answer(16, ...stops);
        return tf.scalar(0);
      });
      return kernels.filter(({ name }) => name === 'ArgMax').length;
    };
    expect(await steps()).toBe(16);
    expect(await steps(first!)).toBe(1);
  });
});
