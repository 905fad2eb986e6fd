import { type Random, random } from '../random.js';
import type { EncodedExample, Sequence } from './packing.js';

/** A training concept, ready to be drawn from. */
export interface EncodedConcept {
  readonly context: readonly number[];
  readonly captions: readonly EncodedExample[];
  readonly questions: readonly EncodedExample[];
}

/** Weights of the kinds of training data: see Recipe.data. */
export interface MixtureWeights {
  readonly caption: number;
  readonly question: number;
  readonly text: number;
}

/** Examples that one sequence holds at most. */
const EXAMPLES = 4;

/** How often each kind was drawn, in examples. */
export type DrawnShares = Record<'caption' | 'question' | 'text', number>;

export function noneDrawn(): DrawnShares {
  return { caption: 0, question: 0, text: 0 };
}

/**
 * The sequences of one step: a pure function of (images, weights, seed, step), so that every variant sees the same
 * examples in the same order, and a resumed training goes on where it stopped. A sequence is text alone with the
 * probability of `text`; otherwise it is a picture with examples, each a caption or a question by their weights.
 * Half of the text-only sequences say what they are about; the other half leave the model to its prior, which is what
 * the blind score then measures.
 * @param concepts concept of each training picture
 */
export function drawSequences(
  concepts: readonly EncodedConcept[],
  weights: MixtureWeights,
  seed: number,
  step: number,
  count: number,
  drawn: DrawnShares,
): Sequence[] {
  const stream = random(seed, `mixture ${step}`);
  const total = weights.caption + weights.question + weights.text;
  const captionShare =
    weights.caption + weights.question > 0 ? weights.caption / (weights.caption + weights.question) : 0.5;
  return Array.from({ length: count }, () => {
    const image = stream.below(concepts.length);
    const concept = concepts[image]!;
    const textAlone = stream.uniform() * total < weights.text;
    const told = textAlone && stream.uniform() < 0.5;
    const examples = drawExamples(concept, captionShare, stream);
    for (const { kind } of examples) drawn[textAlone ? 'text' : kind]++;
    if (!textAlone) return { shared: [{ image }], examples };
    return { shared: told ? [{ tokens: concept.context, counted: false }] : [], examples };
  });
}

/** Draws examples without putting any back; a kind that has run out leaves its place to the other, unless its weight is 0. */
function drawExamples(concept: EncodedConcept, captionShare: number, stream: Random): EncodedExample[] {
  const captions = shuffled(concept.captions, stream);
  const questions = shuffled(concept.questions, stream);
  const chosen: EncodedExample[] = [];
  for (let slot = 0; slot < EXAMPLES; slot++) {
    const first = stream.uniform() < captionShare ? captions : questions;
    const second = first === captions ? questions : captions;
    const allowed = captionShare > 0 && captionShare < 1;
    const example = first.pop() ?? (allowed ? second.pop() : undefined);
    if (example) chosen.push(example);
  }
  return chosen;
}

function shuffled<T>(items: readonly T[], stream: Random): T[] {
  return [...stream.permutation(items.length)].map((i) => items[i]!);
}
