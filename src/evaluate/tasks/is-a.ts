import type { Side } from '../../data/corpora/corpus.js';
import type { Synset } from '../../data/corpora/wordnet.js';
import { isUsual, type Lexicon, lookAlike, sideOfSynset } from './lexicon.js';
import { type WordQuestion, wordChoice } from './word-choice.js';

/** Letters in a row that tell of two nouns' relation: `watchdog` and `dog`. */
const STEM = 3;

/**
 * What is this noun a kind of? The answer is a word of its synset's direct hypernym; no other choice is one of any
 * ancestor, in whichever sense of the noun. Each hypernym is asked for once, with a noun of few senses, and no choice
 * looks like the noun.
 */
export const isA = wordChoice('is-a', questions);

function questions(lexicon: Lexicon, side: Side): WordQuestion[] {
  const nouns = [...lexicon.synsets.values()].filter(({ part }) => part === 'noun');
  const senses = sensesOf(nouns);
  const named = nouns
    .filter((synset) => sideOfSynset(synset) === side)
    .flatMap((synset) => {
      const question = synset.words.find((word) => isUsual(word, lexicon));
      return question === undefined ? [] : [{ synset, question, senses: senses.get(question)! }];
    });
  const found = new Map<string, WordQuestion>();
  for (const { synset, question, senses } of named.sort((a, b) => a.senses.length - b.senses.length)) {
    const answer = synset.hypernyms
      .flatMap((id) => lexicon.synsets.get(id)!.words)
      .find((word) => isUsual(word, lexicon) && !lookAlike(word, question, STEM));
    if (answer === undefined || found.has(answer)) continue;
    const rulesOut = (word: string) =>
      lookAlike(word, question, STEM) || senses.some((sense) => wordsAbove(sense, lexicon).has(word));
    found.set(answer, { id: synset.id, concept: synset.id, part: synset.part, question, answer, rulesOut });
  }
  return [...found.values()];
}

/** The synsets of each noun. */
function sensesOf(nouns: readonly Synset[]): Map<string, Synset[]> {
  const senses = new Map<string, Synset[]>();
  for (const noun of nouns) {
    for (const word of noun.words) {
      const others = senses.get(word);
      if (others) others.push(noun);
      else senses.set(word, [noun]);
    }
  }
  return senses;
}

/** Words of a synset and of all that it is a kind of. */
function wordsAbove(synset: Synset, { synsets }: Lexicon): Set<string> {
  const above = new Set([synset]);
  // A set gives what is added to it on the way as well.
  for (const { hypernyms } of above) for (const id of hypernyms) above.add(synsets.get(id)!);
  return new Set([...above].flatMap(({ words }) => words));
}
