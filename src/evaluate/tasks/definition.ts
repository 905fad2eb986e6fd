import type { Side } from '../../data/corpora/corpus.js';
import { isUsual, type Lexicon, lookAlike, sideOfSynset, wordsOf } from './lexicon.js';
import { type WordQuestion, wordChoice } from './word-choice.js';

/** Most characters of a definition, so that eight of them still fit into a short context. */
const LONGEST = 80;
/** Letters in a row that a word has in common with what is derived from it, and seldom with others. */
const STEM = 3;

/** Which word has this definition? No choice stands in the definition, nor looks like a word of it. */
export const definition = wordChoice('definition', questions);

function questions(lexicon: Lexicon, side: Side): WordQuestion[] {
  return [...lexicon.synsets.values()].flatMap((synset) => {
    const { id, part, words, definition: question } = synset;
    if (question.length > LONGEST || sideOfSynset(synset) !== side) return [];
    const answer = words.find((word) => isUsual(word, lexicon));
    if (answer === undefined || namesLike(question, answer)) return [];
    const rulesOut = (word: string) => words.includes(word) || namesLike(question, word);
    return [{ id, concept: id, part, question, answer, rulesOut }];
  });
}

/** Whether a definition names a word, or one that looks like it. */
function namesLike(question: string, word: string): boolean {
  return wordsOf(question).some((other) => other === word || (other.length >= STEM && lookAlike(other, word, STEM)));
}
