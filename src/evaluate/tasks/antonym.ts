import type { Side } from '../../data/corpora/corpus.js';
import { isUsual, type Lexicon, lookAlike, sideOfSynset } from './lexicon.js';
import { type WordQuestion, wordChoice } from './word-choice.js';

/** Letters in a row that tell of two words' relation: `increase` and `decrease`. */
const STEM = 3;

/**
 * What is this word's opposite? Each pair is asked about from both of its ends. A pair is held out where a synset of it is.
 * No choice looks like the word (as `unable` does like `able`), nor ends as it does: letters would answer.
 */
export const antonym = wordChoice('antonym', questions);

function questions(lexicon: Lexicon, side: Side): WordQuestion[] {
  const opposites = oppositesOf(lexicon);
  const found = new Map<string, WordQuestion>();
  for (const synset of lexicon.synsets.values()) {
    for (const { word: question, synset: id, opposite } of synset.antonyms) {
      const other = lexicon.synsets.get(id)!;
      const answer = other.words[opposite]!;
      const trained = [synset, other].every((each) => sideOfSynset(each) === 'train');
      if (trained !== (side === 'train') || letters(question, answer)) continue;
      if (![question, answer].every((word) => isUsual(word, lexicon))) continue;
      found.set(`${question}/${answer}`, {
        id: `${synset.id}/${question}/${answer}`,
        concept: [synset.id, id].sort().join('/'),
        part: synset.part,
        question,
        answer,
        rulesOut: (word) => letters(question, word) || opposites.get(question)!.has(word),
      });
    }
  }
  return [...found.values()];
}

/** Whether two words look alike or end alike. */
function letters(a: string, b: string): boolean {
  return lookAlike(a, b, STEM) || a.slice(-2) === b.slice(-2);
}

/** All opposites of each word, in whichever sense. */
function oppositesOf({ synsets }: Lexicon): Map<string, Set<string>> {
  const opposites = new Map<string, Set<string>>();
  for (const { antonyms } of synsets.values()) {
    for (const { word, synset, opposite } of antonyms) {
      const others = opposites.get(word) ?? new Set();
      opposites.set(word, others.add(synsets.get(synset)!.words[opposite]!));
    }
  }
  return opposites;
}
