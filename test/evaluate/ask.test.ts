import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Piece } from '../../src/data/packing.js';
import type { Pictures } from '../../src/data/pictures.js';
import { loadTokenizer } from '../../src/data/tokenizer/index.js';
import { openEngine } from '../../src/engine/index.js';
import { ask, longestPrompt, type Query, type Subject } from '../../src/evaluate/ask.js';
import { encodePrompt, type PromptPart } from '../../src/evaluate/prompts/compose.js';
import { embedPrompts, layPrompts } from '../../src/evaluate/prompts/layout.js';
import { CONNECTORS } from '../../src/model/connectors/index.js';
import { decoder, decoderSpecs, vocabularyLogits } from '../../src/model/decoder.js';
import { part, visualTokens } from '../../src/model/multimodal.js';
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

const TEXTS = ['Question: what is this? Short answer:', 'A drawing of', 'A drawing'];
const query = (i: number, before: readonly PromptPart[] = []): Query => ({
  before,
  prompt: [{ image: `picture ${i}` }, { text: TEXTS[i % 3]! }],
  choices: [],
});
const blind = (i: number): Query => ({ before: [], prompt: [{ text: `${TEXTS[i % 3]}` }], choices: [] });
const queries = Array.from({ length: COUNT }, (_, i) => query(i));
const endless = { answer: 'written', limit: 6, stops: [] } as const;
const quietly = async () => {};

describe('with pictures', () => {
  it('answers stand in the order of the queries, and are those of each query alone', async () => {
    const told: number[] = [];
    const answers = await ask(subject, endless, queries, async (count) => void told.push(count));
    expect(told).toEqual([64, 6]);
    for (const i of [0, 1, 2, 40, COUNT - 1]) {
      expect(await ask(subject, endless, [queries[i]!], quietly)).toEqual([answers[i]]);
    }
    expect(new Set(answers).size).toBeGreaterThan(10); // the pictures are looked at
  });

  it('asks prompts of one length together', async () => {
    const read: string[] = [];
    await ask({ ...subject, pictures: pictures(read) }, endless, queries, quietly);
    const lengths = read.map((id) => tokenizer.encode(TEXTS[Number(id.split(' ')[1]) % 3]!).length);
    expect(lengths).toEqual([...lengths].sort((a, b) => a - b));
    expect(new Set(lengths).size).toBe(3);
  });

  it('leaves no tensor behind', async () => {
    const before = tf.memory().numTensors;
    await ask(subject, endless, [query(1), query(2, [{ image: 'shown' }, { text: ' apple' }])], quietly);
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe('without pictures', () => {
  it('equal prompts have equal answers, asked once, and all are told', async () => {
    let told = 0;
    const many = Array.from({ length: COUNT }, (_, i) => blind(i));
    const answers = await ask(subject, endless, many, async (count) => {
      told += count;
    });
    expect(told).toBe(COUNT);
    expect(new Set(answers.slice(0, 3)).size).toBe(3);
    answers.forEach((answer, i) => {
      expect(answer).toBe(answers[i % 3]);
    });
    expect(await ask(subject, endless, [blind(1)], quietly)).toEqual([answers[1]]);
  });

  it('a prompt that says nothing is answered all the same', async () => {
    const [answer] = await ask(subject, endless, [{ before: [], prompt: [], choices: [] }], quietly);
    expect(typeof answer).toBe('string');
  });
});

describe('demonstrations', () => {
  const before: PromptPart[] = [
    { image: 'shown 1' },
    { text: 'A drawing of pear\n' },
    { image: 'shown 2' },
    { text: 'fig\n' },
  ];
  const other: PromptPart[] = [{ image: 'shown 3' }, { text: 'A drawing of plum\n' }];

  it('give the answers of the same prompts read whole, whichever list a query takes', async () => {
    const lists = queries.slice(0, 12).map((_, i) => (i % 4 === 3 ? other : before));
    const shared = await ask(
      subject,
      endless,
      lists.map((list, i) => query(i, list)),
      quietly,
    );
    const whole = lists.map((list, i): Query => ({ before: [], prompt: [...list, ...query(i).prompt], choices: [] }));
    expect(shared).toEqual(await ask(subject, endless, whole, quietly));
    expect(shared).not.toEqual(await ask(subject, endless, queries.slice(0, 12), quietly));
  });

  it('alone are gone on with where a prompt says nothing', async () => {
    const choices = ['pear', 'a very long answer indeed', 'fig'];
    const silent: Query = { before, prompt: [], choices };
    const whole: Query = { before: [], prompt: before, choices };
    for (const answer of ['written', 'chosen'] as const) {
      const answering = { ...endless, answer };
      const [, alone] = await ask(subject, answering, [{ ...query(1, before), choices }, silent], quietly);
      expect([alone]).toEqual(await ask(subject, answering, [whole], quietly));
    }
  });

  it('are read once for all queries that follow on them', async () => {
    const read: string[] = [];
    const many = Array.from({ length: COUNT }, (_, i) => query(i, before));
    await ask({ ...subject, pictures: pictures(read) }, endless, many, quietly);
    expect(read.filter((id) => id.startsWith('shown'))).toEqual(['shown 1', 'shown 2']);
  });

  it('the longest prompt counts its demonstrations and its pictures', () => {
    const [a, b] = [before, query(0).prompt].map((parts) =>
      parts.reduce(
        (sum, part) => sum + ('text' in part ? tokenizer.encode(part.text).length : config.connector.tokens),
        0,
      ),
    );
    expect(longestPrompt([query(1), query(0, before)], subject)).toBe(a! + b!);
  });
});

describe('choices', () => {
  /** log p(continuation | prompt), token by token, each from the whole sequence before it. */
  async function logLikelihood(parts: readonly PromptPart[], continuation: string): Promise<number> {
    const weights = part(subject.parameters, 'language_model.');
    const ids = tokenizer.encode(continuation);
    const pieces: Piece[] = encodePrompt(parts, tokenizer).map((piece) => ('image' in piece ? { image: 0 } : piece));
    const image = parts.find((each) => 'image' in each);
    const read = image && (await subject.pictures.read([image.image]));
    const visual = read ? visualTokens(subject.parameters, config, tf.tensor3d(read, [1, 16, 8])) : null;
    let sum = 0;
    for (const [i, id] of ids.entries()) {
      const laid = layPrompts([[...pieces, { tokens: ids.slice(0, i), counted: false }]], visual?.shape[1] ?? 0);
      const { positions } = laid;
      const { last } = decoder(weights, config.decoder, { ...embedPrompts(weights, laid, visual), positions });
      const end = tf.slice(last, [0, last.shape[1] - 1, 0], [1, 1, -1]);
      sum += tf.logSoftmax(tf.reshape(vocabularyLogits(weights, config.decoder, end), [-1])).dataSync()[id]!;
    }
    return sum;
  }
  const choices = ['apple', 'a very long answer indeed', 'red', 'Zürich'];

  it('the likeliest is chosen, by its sum or by its bytes, with demonstrations and without', async () => {
    for (const before of [[], [{ text: 'dog is a kind of animal\n' }]]) {
      const prompts = [0, 1, 2]
        .map((i) => query(i, before))
        .concat([{ before, prompt: [{ text: 'cat is a kind of' }], choices: [] }]);
      const asked = prompts.map((each) => ({ ...each, choices }));
      const sums = await Promise.all(
        prompts.map(({ prompt }) =>
          Promise.all(choices.map((choice) => logLikelihood([...before, ...prompt], ` ${choice}`))),
        ),
      );
      const best = (values: number[]) => choices[values.indexOf(Math.max(...values))];
      const chosen = { answer: 'chosen', limit: 0, stops: [] } as const;
      expect(await ask(subject, chosen, asked, quietly)).toEqual(sums.map(best));
      expect(await ask(subject, { ...chosen, normalise: 'bytes' }, asked, quietly)).toEqual(
        sums.map((row) => best(row.map((sum, i) => sum / Buffer.byteLength(choices[i]!)))),
      );
      expect(sums.map(best)).not.toEqual(
        sums.map((row) => best(row.map((sum, i) => sum / Buffer.byteLength(choices[i]!)))),
      );
    }
  });

  it('a text is measured from its first token on', async () => {
    const text = 'The dog barked all night.';
    const measured = { answer: 'measured', limit: 0, stops: [] } as const;
    const [value] = await ask(subject, measured, [{ before: [], prompt: [{ text }], choices: [] }], quietly);
    const weights = part(subject.parameters, 'language_model.');
    const ids = [tokenizer.beginOfText, ...tokenizer.encode(text)];
    const laid = layPrompts([[{ tokens: ids, counted: false }]], 0);
    const { positions } = laid;
    const { last } = decoder(weights, config.decoder, { ...embedPrompts(weights, laid, null), positions });
    const own = tf.slice(last, [0, last.shape[1] - ids.length, 0], [1, ids.length, -1]);
    const logs = tf.logSoftmax(vocabularyLogits(weights, config.decoder, own)).dataSync();
    const expected = ids.slice(1).reduce((sum, id, i) => sum - logs[i * config.decoder.vocab_size + id]!, 0);
    expect(Number(value)).toBeCloseTo(expected, 3);
  });
});

describe('stop strings', () => {
  const answer = async (limit: number, ...stops: string[]) =>
    (await ask(subject, { answer: 'written', limit, stops }, [blind(0)], quietly))[0]!;

  it('end an answer where the first of them stands, without blanks around it', async () => {
    const whole = await answer(16);
    expect(whole).toBe(whole.trim());
    const blank = whole.indexOf(' ', 1);
    expect(blank).toBeGreaterThan(0);
    const [early, late] = [whole.slice(blank + 1, blank + 3), whole.slice(-2)];
    const end = Math.min(whole.indexOf(early), whole.indexOf(late));
    expect(await answer(16, late, 'no such string', early)).toBe(whole.slice(0, end).trim());
    expect(await answer(16, 'no such string')).toBe(whole);
  });
});
