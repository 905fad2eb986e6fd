import type { Side } from '../../data/corpora/corpus.js';
import { random } from '../../random.js';
import { type Lexicon, readLexicon } from './lexicon.js';
import { chanceOfChoices } from './scoring.js';
import { type DrawnItem, EVALUATION_SEED, examplesOf, meanOf, type Task } from './task.js';

/** A question that a word of WordNet answers. */
export interface WordQuestion {
  readonly id: string;
  /** Ids of the synsets that it is about. */
  readonly concept: string;
  readonly part: string;
  readonly question: string;
  readonly answer: string;
  /** Whether a word is right too, or is told from the answer by the question's letters alone. */
  readonly rulesOut: (word: string) => boolean;
}

/** Choices of a question. */
const CHOICES = 4;

/**
 * A question with four words to choose from, by log-likelihood per byte of the choice (lm-eval-harness's acc_norm, where
 * no choice loses by its length); accuracy in percent. Whole synsets are held out: a side's questions are about its synsets alone.
 *
 * Four questions share one list of choices, of which each has another as its answer. Who looks at the choices alone is
 * therefore right once in four times, whatever he goes by: length, commonness, place. The words of a list are of one part of
 * speech, and about as common and as long as one another. All lists have their place in one order, of which the first are asked: fewer
 * items are some of more.
 * @param prompt name of the task and of its prompt
 * @param questions all questions of a side
 */
export function wordChoice(prompt: string, questions: (lexicon: Lexicon, side: Side) => WordQuestion[]): Task {
  return {
    group: 'textcore',
    prompt,
    answer: 'chosen',
    metric: 'accuracy',
    normalise: 'bytes',
    limit: 0,
    stops: [],
    async draw({ items, demonstrations }) {
      const lexicon = readLexicon();
      const asked = listsOf(questions(lexicon, 'held-out'), lexicon, prompt)
        .flatMap((list) => list.map((question) => itemOf(question, list)))
        .slice(0, items);
      // No demonstration names a word that is asked about or chosen from.
      const named = new Set(asked.flatMap(({ question, choices }) => [question, ...choices]));
      const examples = demonstrations === 0 ? [] : questions(lexicon, 'train');
      const others = examples.filter(({ question, answer }) => !named.has(question) && !named.has(answer));
      return {
        asked,
        examples: examplesOf(
          others.map((other) => itemOf(other, [other])),
          demonstrations,
          prompt,
        ),
      };
    },
    score: (outputs, items) => meanOf(outputs.map((output, i) => (output === items[i]!.references[0] ? 100 : 0))),
    chance: chanceOfChoices,
  };
}

function itemOf({ id, concept, question, answer }: WordQuestion, list: readonly WordQuestion[]): DrawnItem {
  return { id, concept, image: null, question, references: [answer], choices: list.map((other) => other.answer) };
}

/** Questions in lists of four that can have each other's answers as choices, in random order; who finds no list is left out. */
function listsOf(questions: readonly WordQuestion[], lexicon: Lexicon, name: string): WordQuestion[][] {
  const stream = random(EVALUATION_SEED, `choices ${name}`);
  const shuffled = Array.from(stream.permutation(questions.length), (i) => questions[i]!);
  // Twice as many uses are another step of commonness.
  const step = ({ answer }: WordQuestion) => Math.floor(Math.log2(lexicon.uses.get(answer) ?? 1));
  const alike = (a: WordQuestion, b: WordQuestion) => step(a) - step(b) || a.answer.length - b.answer.length;
  const lists: WordQuestion[][] = [];
  const open = new Set<WordQuestion[]>();
  for (const question of shuffled.sort(alike)) {
    let list = [...open].find((others) => others.every((other) => goTogether(question, other)));
    if (!list) {
      list = [];
      open.add(list);
    }
    list.push(question);
    if (list.length === CHOICES) {
      open.delete(list);
      lists.push(list);
    }
  }
  return Array.from(stream.permutation(lists.length), (i) => lists[i]!);
}

function goTogether(a: WordQuestion, b: WordQuestion): boolean {
  return (
    a.part === b.part &&
    a.question !== b.question &&
    a.answer !== b.answer &&
    !a.rulesOut(b.answer) &&
    !b.rulesOut(a.answer)
  );
}
