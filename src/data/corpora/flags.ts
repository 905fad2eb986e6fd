import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Concept, HELD_OUT_SHARE, loadConcepts } from '../emoji/concepts.js';
import { BORROWED_FLAGS } from '../emoji/exclusions.js';
import { packageFolder, readJson } from '../emoji/packages.js';
import { loadPicture } from '../picture.js';
import type { SourceDocument, SourceImage } from '../sources/source.js';
import type { BuiltInCorpus, Side } from './corpus.js';
import { sideOf } from './side.js';
import { type Count, walkedSource } from './walk.js';

const PACKAGE = 'flag-icons';

interface Flag {
  readonly code: string;
  readonly name: string;
  readonly capital?: string;
  readonly continent?: string;
  /** Path in the package: the flag's middle, cut to a square. */
  readonly flag_1x1: string;
}

/** The package's picture for no country. */
const UNKNOWN = 'xx';
/** The first of the characters that spell a country's code in its emoji: A. */
const INDICATOR_A = 0x1f1e6;

/** Flags with what a caption of the web may say of them: the country alone, or where it is. */
export const flags: BuiltInCorpus = {
  name: 'flags',
  kind: 'caption',
  about: 'flags with country, capital, continent',
  licence: 'MIT',
  debian: null,
  counts: { pictures: 263, documents: 263, words: 3564 },
  open: (side) =>
    walkedSource('flags', flags.licence, (count) =>
      documents(side, count, ({ code, name, capital, continent }, image) => {
        const place = continent === undefined ? [] : [`flag of ${name}, ${continent}`];
        const seat = capital === undefined ? [] : [`flag of ${name}, capital: ${capital}`];
        const alt = [`flag of ${name}`, ...place, ...seat];
        return [{ kind: 'caption', id: `flags/${code}`, image, alt, rewritten: [] }];
      }),
    ),
};

/** Questions about the same flags, one document each. */
export const flagQuestions: BuiltInCorpus = {
  name: 'flag-questions',
  kind: 'question',
  about: "a flag's country, capital, continent",
  licence: 'MIT',
  debian: null,
  counts: { pictures: 765, documents: 765, words: 6376 },
  open: (side) =>
    walkedSource('flag-questions', flagQuestions.licence, (count) =>
      documents(side, count, (flag, image) => {
        const { code, name, capital, continent } = flag;
        const asked = [
          ['country', 'Which country is this flag of?', name],
          ['capital', "What is the capital of this flag's country?", capital],
          ['continent', "On which continent is this flag's country?", continent],
        ] as const;
        return asked.flatMap(([what, question, answer]): SourceDocument[] =>
          answer === undefined
            ? []
            : [{ kind: 'question', id: `flags/${code}/${what}`, image, question, answers: [answer] }],
        );
      }),
    ),
};

/** A flag is on the side of its emoji, by whomever it is drawn. */
function* documents(
  side: Side,
  count: Count,
  write: (flag: Flag, image: SourceImage) => SourceDocument[],
): Generator<SourceDocument> {
  const folder = packageFolder(PACKAGE);
  const concepts = new Map(loadConcepts().map((concept) => [concept.id, concept]));
  for (const flag of readJson<Flag[]>(`${PACKAGE}/country.json`)) {
    const concept = concepts.get(emojiOf(flag.code));
    if (sideOfFlag(flag, concept) !== side) continue;
    const borrowed = concept !== undefined && BORROWED_FLAGS.has(concept.label);
    if (flag.code === UNKNOWN || borrowed) {
      count.seen();
      count.skip(borrowed ? "another state's flag" : 'no country');
      continue;
    }
    for (const document of write(flag, flagImage(folder, flag))) {
      count.seen();
      yield document;
    }
  }
}

function sideOfFlag({ name }: Flag, concept: Concept | undefined): Side {
  if (concept) return concept.heldOut ? 'held-out' : 'train';
  return sideOf(`flag: ${name}`, HELD_OUT_SHARE);
}

/** Code points of a country's emoji: `1f1eb-1f1f7` for `fr`. */
function emojiOf(code: string): string {
  return [...code].map((letter) => (INDICATOR_A + letter.charCodeAt(0) - 'a'.charCodeAt(0)).toString(16)).join('-');
}

function flagImage(folder: string, { code, flag_1x1 }: Flag): SourceImage {
  return { id: `flags/${code}`, pixels: (side) => loadPicture(readFileSync(join(folder, flag_1x1)), side) };
}
