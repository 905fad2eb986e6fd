import * as tf from '@tensorflow/tfjs-core';
import { type Concept, type Corpus, trainingConcepts } from '../data/emoji/corpus.js';
import { captionExamples, contextOf, type Example, questionExamples } from '../data/examples.js';
import type { EncodedConcept } from '../data/mixture.js';
import type { EncodedExample, Packed } from '../data/packing.js';
import type { Tokenizer } from '../data/tokenizer/index.js';
import type { LanguageBatch } from '../model/multimodal.js';

/** Text positions of a sequence: room for a context and four examples of usual length. */
export const TEXT_LENGTH = 64;

/** Training concepts as token ids, by their id. */
export function encodeConcepts(corpus: Corpus, tokenizer: Tokenizer): Map<string, EncodedConcept> {
  const example = ({ kind, prompt, answer }: Example): EncodedExample => ({
    kind,
    pieces: [
      { tokens: tokenizer.encode(prompt), counted: false },
      { tokens: [...tokenizer.encode(answer), tokenizer.endOfText], counted: true },
    ],
  });
  const encode = (concept: Concept): EncodedConcept => ({
    context: tokenizer.encode(contextOf(concept)),
    captions: captionExamples(concept).map(example),
    questions: questionExamples(concept, corpus).map(example),
  });
  return new Map(trainingConcepts(corpus).map((concept) => [concept.id, encode(concept)]));
}

/** Packed sequences as tensors of the engine. */
export function languageBatch(packed: Packed): LanguageBatch {
  const shape: [number, number] = [packed.sequences, packed.length];
  return {
    ids: tf.tensor1d(packed.ids, 'int32'),
    from: tf.tensor1d(packed.from, 'int32'),
    to: tf.tensor1d(packed.to, 'int32'),
    segments: tf.tensor2d(packed.segments, shape, 'int32'),
    positions: tf.tensor2d(packed.positions, shape, 'int32'),
    reads: tf.tensor1d(packed.reads, 'int32'),
    readAt: tf.tensor1d(packed.readAt, 'int32'),
    targets: tf.tensor1d(packed.targets, 'int32'),
    counted: tf.tensor1d(packed.counted, 'float32'),
  };
}
