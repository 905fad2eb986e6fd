import * as tf from '@tensorflow/tfjs-core';
import { type Concept, type Corpus, trainingConcepts } from '../data/emoji/corpus.js';
import { captionExamples, contextOf, type Example, questionExamples } from '../data/examples.js';
import type { EncodedConcept } from '../data/mixture.js';
import { type EncodedExample, type PackedText, pack, type Sequence } from '../data/packing.js';
import type { Tokenizer } from '../data/tokenizer/index.js';
import type { TextBatch } from '../model/multimodal.js';

/** Text positions of a sequence: room for a context and four examples of usual length. */
export const TEXT_LENGTH = 64;

/** Training concepts as token ids, by their id. */
export function encodeConcepts(corpus: Corpus, tokenizer: Tokenizer): Map<string, EncodedConcept> {
  const example = ({ kind, prompt, answer }: Example): EncodedExample => ({
    kind,
    prompt: tokenizer.encode(prompt),
    answer: [...tokenizer.encode(answer), tokenizer.endOfText],
  });
  const encode = (concept: Concept): EncodedConcept => ({
    context: tokenizer.encode(contextOf(concept)),
    captions: captionExamples(concept).map(example),
    questions: questionExamples(concept, corpus).map(example),
  });
  return new Map(trainingConcepts(corpus).map((concept) => [concept.id, encode(concept)]));
}

/** Tensors of a step on text. */
export type LanguageBatch = TextBatch & {
  readonly targets: tf.Tensor2D;
  readonly counted: tf.Tensor2D;
};

/** Packs sequences and hands them to the engine. */
export function languageBatch(sequences: readonly Sequence[], tokenizer: Tokenizer): LanguageBatch {
  return toTensors(pack(sequences, TEXT_LENGTH, tokenizer.pad), sequences.length);
}

function toTensors(packed: PackedText, rows: number): LanguageBatch {
  const shape: [number, number] = [rows, packed.length];
  return {
    ids: tf.tensor2d(packed.ids, shape, 'int32'),
    segments: tf.tensor2d(packed.segments, shape, 'int32'),
    positions: tf.tensor2d(packed.positions, shape, 'int32'),
    targets: tf.tensor2d(packed.targets, shape, 'int32'),
    counted: tf.tensor2d(packed.counted, shape, 'float32'),
  };
}
