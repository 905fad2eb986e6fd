import { type Corpus, trainingConcepts } from '../emoji/corpus.js';
import { captionExamples, contextOf, questionExamples } from '../examples.js';

/**
 * What the built-in tokenizer is trained on, a line each: everything that a sequence can say of the corpus's training
 * concepts, as sequences say it, and nothing of a held-out concept.
 */
export function tokenizerTrainingText(corpus: Corpus): string[] {
  return trainingConcepts(corpus).flatMap((concept) => [
    contextOf(concept),
    ...[...captionExamples(concept), ...questionExamples(concept, corpus)].map(({ prompt, answer }) => prompt + answer),
  ]);
}
