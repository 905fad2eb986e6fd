import { type Random, random } from '../../random.js';
import { codePoints } from '../emoji/concepts.js';
import {
  type Concept,
  type Corpus,
  type CorpusImage,
  type CorpusOptions,
  imagesOf,
  loadEmojiCorpus,
} from '../emoji/corpus.js';
import { readJson } from '../emoji/packages.js';
import type { InterleavedDocument } from '../sources/source.js';
import type { BuiltInCorpus, Side } from './corpus.js';
import { DRAWINGS_LICENCE, drawnImage } from './emoji.js';
import { walkedSource } from './walk.js';

/** Gives a concept's answer under a rule. */
type Rule = (concept: Concept) => string;

/** Languages of emojibase-data in Latin script: CLDR's names. */
export const LANGUAGES = ['da', 'de', 'en', 'es', 'fr', 'it', 'nl', 'pt'] as const;

/** Ways to answer what a picture is. */
const SCHEMES: Readonly<Record<string, Rule>> = {
  name: ({ label }) => label,
  capitals: ({ label }) => label.toUpperCase(),
  group: ({ group }) => group,
  subgroup: ({ subgroup }) => subgroup,
  keyword: ({ label, tags }) => tags.find((tag) => !label.toLowerCase().includes(tag.toLowerCase())) ?? label,
};

/** Pictures of a document: enough to find the rule, few enough for a short sequence. */
const PICTURES = 6;
/** Times that every concept comes, each time beside others and, mostly, under another rule. */
const PASSES = { train: 16, 'held-out': 2 } as const;

/** One language of CLDR's names, kept through a document and nowhere named. */
export const emojiLanguages: BuiltInCorpus = {
  name: 'emoji-languages',
  kind: 'interleaved',
  about: `emoji named in one of ${LANGUAGES.length} languages, kept through a document`,
  licence: DRAWINGS_LICENCE,
  debian: null,
  counts: { pictures: 27_588, documents: 4598, words: 62_080 },
  open: (side, _, options) => source(emojiLanguages, side, options, languageRules),
};

/** One way of naming, kept through a document and nowhere named. */
export const emojiSchemes: BuiltInCorpus = {
  name: 'emoji-schemes',
  kind: 'interleaved',
  about: 'emoji described by one of 5 rules, kept through a document',
  licence: DRAWINGS_LICENCE,
  debian: null,
  counts: { pictures: 27_588, documents: 4598, words: 50_872 },
  open: (side, _, options) => source(emojiSchemes, side, options, () => Object.values(SCHEMES)),
};

function languageRules(): Rule[] {
  return LANGUAGES.map((language) => {
    const entries = readJson<{ hexcode: string; label: string }[]>(`emojibase-data/${language}/data.json`);
    const names = new Map(entries.map(({ hexcode, label }) => [codePoints(hexcode), label]));
    return ({ id, label }) => names.get(id) ?? label;
  });
}

/**
 * Documents of pictures, each followed by its answer under a rule drawn for the document. On the training side stand
 * training pictures; on the held-out side the held-out vendor's drawings of training concepts, whose names training
 * has told, so that what is tested is whether the rule is picked up.
 */
function source(
  { name, licence }: BuiltInCorpus,
  side: Side,
  options: CorpusOptions | undefined,
  rules: () => readonly Rule[],
) {
  return walkedSource(name, licence, function* (count) {
    const corpus = loadEmojiCorpus(options);
    const pictures = [...picturesByConcept(corpus, side).values()];
    const all = rules();
    const stream = random(0, `${name} ${side}`);
    let made = 0;
    for (let pass = 0; pass < PASSES[side]; pass++) {
      const order = stream.permutation(pictures.length);
      for (let at = 0; at + PICTURES <= order.length; at += PICTURES) {
        const drawn = Array.from(order.subarray(at, at + PICTURES), (i) => oneOf(pictures[i]!, stream));
        count.seen();
        yield followed(`${name}/${side}/${made++}`, drawn, oneOf(all, stream));
      }
    }
  });
}

/** The side's pictures of each concept that has a training picture. */
function picturesByConcept(corpus: Corpus, side: Side): Map<string, CorpusImage[]> {
  const told = new Set(imagesOf(corpus, 'train').map(({ concept }) => concept));
  const found = new Map<string, CorpusImage[]>();
  for (const image of imagesOf(corpus, side === 'train' ? 'train' : 'seen-concept')) {
    if (told.has(image.concept)) found.set(image.concept.id, [...(found.get(image.concept.id) ?? []), image]);
  }
  return found;
}

function followed(id: string, images: readonly CorpusImage[], rule: Rule): InterleavedDocument {
  const pieces = images.flatMap((image) => [{ image: drawnImage(image) }, { text: `${rule(image.concept)}\n` }]);
  return { kind: 'interleaved', id, pieces };
}

function oneOf<T>(list: readonly T[], stream: Random): T {
  return list[stream.below(list.length)]!;
}
