import type { Concept } from '../concepts.js';
import { type Corpus, trainingConcepts } from '../corpus.js';
import { arrow } from './arrow.js';
import { clock } from './clock.js';
import { country } from './country.js';
import { group } from './group.js';
import type { QuestionKind } from './question-kind.js';
import { subgroup } from './subgroup.js';

/** Every kind of question about a drawing. */
export const QUESTION_KINDS: readonly QuestionKind[] = [group, subgroup, country, clock, arrow];

/** One question about a concept, whoever drew it. */
export interface Question {
  /** Concept and kind: `1f34e/group`. */
  readonly id: string;
  readonly kind: string;
  readonly text: string;
  /** In lower case, without punctuation. */
  readonly answer: string;
  /** The distinct answers of the kind among the corpus's training concepts, sorted: chance is 1 / choices.length. */
  readonly choices: readonly string[];
}

/**
 * The questions that the corpus's words answer about a concept. A held-out concept is asked what its likes teach, its
 * group and subgroup, where at least one training concept has the same answer.
 */
export function questionsOf(concept: Concept, corpus: Corpus): Question[] {
  const questions: Question[] = [];
  for (const kind of QUESTION_KINDS) {
    if (concept.heldOut && !kind.askedOfHeldOut) continue;
    const answer = kind.answer(concept);
    const choices = choicesOf(kind, corpus);
    if (answer === null || !choices.includes(answer)) continue;
    questions.push({ id: `${concept.id}/${kind.name}`, kind: kind.name, text: kind.text, answer, choices });
  }
  return questions;
}

const choicesByCorpus = new WeakMap<Corpus, Map<string, readonly string[]>>();

function choicesOf(kind: QuestionKind, corpus: Corpus): readonly string[] {
  let choices = choicesByCorpus.get(corpus);
  if (!choices) {
    choices = new Map();
    choicesByCorpus.set(corpus, choices);
  }
  let of = choices.get(kind.name);
  if (!of) {
    const answers = trainingConcepts(corpus).map((concept) => kind.answer(concept));
    of = [...new Set(answers.filter((answer) => answer !== null))].sort();
    choices.set(kind.name, of);
  }
  return of;
}
