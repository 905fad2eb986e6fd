import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { drawSequences, type EncodedConcept, noneDrawn } from '../../src/data/mixture.js';
import type { EncodedExample } from '../../src/data/packing.js';

const example = (kind: 'caption' | 'question', id: number): EncodedExample => ({
  kind,
  pieces: [{ tokens: [id, 0], counted: true }],
});
const concepts: EncodedConcept[] = Array.from({ length: 50 }, (_, i) => ({
  context: [1000 + i],
  captions: [0, 1, 2, 3].map((j) => example('caption', 10 * i + j)),
  questions: [4, 5, 6, 7].map((j) => example('question', 10 * i + j)),
}));

function draw(weights: { caption: number; question: number; text: number }, seed = 0, step = 0, count = 4000) {
  const drawn = noneDrawn();
  return { drawn, sequences: drawSequences(concepts, weights, seed, step, count, drawn) };
}

it.each([
  [{ caption: 45, question: 45, text: 10 }],
  [{ caption: 3, question: 1, text: 0 }],
  [{ caption: 0, question: 5, text: 5 }],
])('draws the shares that the recipe asks for: %j', (weights) => {
  const { drawn } = draw(weights);
  const examples = drawn.caption + drawn.question + drawn.text;
  const total = weights.caption + weights.question + weights.text;
  expect(Math.abs(drawn.text / examples - weights.text / total)).toBeLessThan(0.02);
  const shown = drawn.caption + drawn.question;
  const share = weights.caption / (weights.caption + weights.question);
  expect(Math.abs(drawn.caption / shown - share)).toBeLessThan(0.02);
});

it('is a pure function of seed and step', () => {
  const weights = { caption: 45, question: 45, text: 10 };
  expect(draw(weights, 3, 7, 20).sequences).toEqual(draw(weights, 3, 7, 20).sequences);
  expect(draw(weights, 3, 8, 20).sequences).not.toEqual(draw(weights, 3, 7, 20).sequences);
  expect(draw(weights, 4, 7, 20).sequences).not.toEqual(draw(weights, 3, 7, 20).sequences);
});

it('a picture stands with its own examples, none of them twice, and no context', () => {
  for (const { shared, examples } of draw({ caption: 1, question: 1, text: 0 }, 0, 0, 200).sequences) {
    expect(shared.length).toBe(1);
    const own = concepts[(shared[0] as { image: number }).image]!;
    expect(examples.every((one) => own.captions.includes(one) || own.questions.includes(one))).toBe(true);
    expect(new Set(examples).size).toBe(4);
  }
});

it('half of the text says what it is about, and no text has a picture', () => {
  const { sequences } = draw({ caption: 0, question: 0, text: 1 });
  expect(sequences.every(({ shared }) => shared.every((piece) => 'tokens' in piece))).toBe(true);
  const told = sequences.filter(({ shared }) => shared.length > 0).length / sequences.length;
  expect(Math.abs(told - 0.5)).toBeLessThan(0.03);
});

it('text alone is as often of captions as of questions', () => {
  const { sequences } = draw({ caption: 0, question: 0, text: 1 });
  const examples = sequences.flatMap(({ examples: own }) => own);
  const captions = examples.filter(({ kind }) => kind === 'caption').length;
  expect(Math.abs(captions / examples.length - 0.5)).toBeLessThan(0.02);
});

it('a kind that has run out leaves its place to the other, unless that has no weight', () => {
  const poor: EncodedConcept[] = concepts.map(({ captions, ...concept }) => ({ ...concept, captions: [captions[0]!] }));
  const kinds = (of: EncodedConcept[], caption: number, question: number) =>
    drawSequences(of, { caption, question, text: 0 }, 0, 0, 50, noneDrawn()).map(({ examples }) =>
      examples.map(({ kind }) => kind),
    );
  expect(new Set(kinds(poor, 1, 0).map(String))).toEqual(new Set(['caption']));
  expect(new Set(kinds(poor, 1, 1).map(({ length }) => length))).toEqual(new Set([4]));
  const mute: EncodedConcept[] = concepts.map(({ questions, ...concept }) => ({
    ...concept,
    questions: [questions[0]!],
  }));
  expect(new Set(kinds(mute, 0, 1).map(String))).toEqual(new Set(['question']));
});

it('draws what it drew when results were first published', () => {
  const { sequences } = draw({ caption: 45, question: 45, text: 10 }, 3, 7, 40);
  const digest = createHash('sha256').update(JSON.stringify(sequences)).digest('hex');
  expect(digest).toBe('b3d95a798e4935c3bf76e8ab73a4866cb9d04f1197b9250019c016193958050e');
});
