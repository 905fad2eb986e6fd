import type { Concept } from '../concepts.js';

/** A kind of question that the corpus's own words answer truthfully, whoever drew the picture. */
export interface QuestionKind {
  /** Name in questions' ids and in tables. */
  readonly name: string;
  /** What is asked: one sentence. */
  readonly text: string;
  /**
   * True where a concept's answer can be told by what is like it. A country's flag says nothing of another country's,
   * so such questions are asked of training concepts alone.
   */
  readonly askedOfHeldOut: boolean;
  /** The answer, in lower case and without punctuation; null where the question does not fit the concept. */
  answer(concept: Concept): string | null;
}
