import type { Side } from '../../data/corpora/corpus.js';
import { sideOf } from '../../data/corpora/side.js';
import { type Synset, synsets } from '../../data/corpora/wordnet.js';

/** WordNet, and how often the training side of it uses each word. */
export interface Lexicon {
  /** By their ids, in the order of WordNet's files. */
  readonly synsets: ReadonlyMap<string, Synset>;
  /** Times that a word stands in the training side's definitions and examples. */
  readonly uses: ReadonlyMap<string, number>;
}

/** Uses from which on a word can be known from training. */
const FEWEST_USES = 3;

/** @throws Mm1Error E_CORPUS where WordNet is not installed */
export function readLexicon(): Lexicon {
  const found = new Map<string, Synset>();
  const uses = new Map<string, number>();
  for (const synset of synsets()) {
    found.set(synset.id, synset);
    if (sideOfSynset(synset) !== 'train') continue;
    for (const text of [synset.definition, ...synset.examples]) {
      for (const word of wordsOf(text)) uses.set(word, (uses.get(word) ?? 0) + 1);
    }
  }
  return { synsets: found, uses };
}

/** The side that the corpus `wordnet` has a synset on. */
export function sideOfSynset({ definition }: Synset): Side {
  return sideOf(definition);
}

/** Words of a text in lower case. */
export function wordsOf(text: string): string[] {
  return text.toLowerCase().match(/[a-z]+/g) ?? [];
}

/** Whether a word is a single one, no name, and used often enough for a model to know it. */
export function isUsual(word: string, { uses }: Lexicon): boolean {
  return /^[a-z]{3,}$/.test(word) && (uses.get(word) ?? 0) >= FEWEST_USES;
}

/** Whether two words look alike: letters in a row are the same, or one word stands in the other. */
export function lookAlike(a: string, b: string, letters: number): boolean {
  if (a.includes(b) || b.includes(a)) return true;
  for (let i = 0; i + letters <= a.length; i++) if (b.includes(a.slice(i, i + letters))) return true;
  return false;
}
