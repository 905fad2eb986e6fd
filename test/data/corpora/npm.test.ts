import { describe, expect, it } from 'vitest';
import { SIDES, type Side } from '../../../src/data/corpora/corpus.js';
import { countCorpus, picturesOf, textsOf } from '../../../src/data/corpora/counts.js';
import { LANGUAGES } from '../../../src/data/corpora/emoji-rules.js';
import { CORPORA } from '../../../src/data/corpora/index.js';
import { sampleOf } from '../../../src/data/corpora/sample.js';
import { synsets } from '../../../src/data/corpora/wordnet.js';
import { loadEmojiCorpus } from '../../../src/data/emoji/corpus.js';
import { readJson } from '../../../src/data/emoji/packages.js';
import type { SourceDocument } from '../../../src/data/sources/source.js';

const always = CORPORA.filter(({ debian }) => debian === null);

async function walk(name: string, side: Side): Promise<SourceDocument[]> {
  const documents: SourceDocument[] = [];
  const source = CORPORA.find((corpus) => corpus.name === name)!.open(side, '');
  for await (const document of source.documents()) documents.push(document);
  expect(source.tally()).toEqual({ seen: expect.any(Number), skipped: {} });
  return documents;
}

describe('corpora of npm packages', () => {
  it.each(always)('$name holds what its table says, and no document twice', async (corpus) => {
    expect(await countCorpus(corpus, '')).toEqual(corpus.counts);
    const [train, heldOut] = await Promise.all(SIDES.map((side) => walk(corpus.name, side)));
    const all = [...train!, ...heldOut!];
    expect(new Set(all.map(({ id }) => id)).size).toBe(corpus.counts!.documents);
    expect(new Set(all.map(({ kind }) => kind))).toEqual(new Set([corpus.kind]));
    const texts = new Set(train!.map((document) => textsOf(document).join('\n')));
    const shared = heldOut!.filter((document) => texts.has(textsOf(document).join('\n')));
    if (corpus.kind === 'text') expect(shared).toEqual([]);
  });

  it('gives the same documents in the same order, and pictures of the size that is asked for', async () => {
    for (const corpus of always.filter(({ kind }) => kind !== 'text')) {
      const source = corpus.open('held-out', '');
      const [first, again] = [await sampleOf(source, 2), await sampleOf(source, 2)];
      expect(again.map(textsOf)).toEqual(first.map(textsOf));
      const [picture] = first.flatMap(picturesOf);
      const pixels = await picture!.pixels(32);
      expect(pixels).toHaveLength(32 * 32 * 3);
      expect(new Set(pixels).size).toBeGreaterThan(1);
    }
  });

  it('trains on no held-out concept and on no drawing of the held-out vendor', async () => {
    const heldOut = new Set(loadEmojiCorpus().concepts.flatMap(({ id, heldOut }) => (heldOut ? [id] : [])));
    for (const { name } of always.filter((corpus) => corpus.name.startsWith('emoji-'))) {
      for (const { id } of (await walk(name, 'train')).flatMap(picturesOf)) {
        const [vendor, concept] = id.split('/');
        if (vendor === 'openmoji' || heldOut.has(concept!)) throw new Error(`${id} is trained on`);
      }
    }
    const flags = (await walk('flags', 'train')).flatMap(textsOf);
    for (const { label } of loadEmojiCorpus().concepts.filter((concept) => concept.heldOut)) {
      if (label.startsWith('flag: ')) expect(flags).not.toContain(`flag of ${label.slice(6)}`);
    }
  });

  it('keeps one language through a document, and tests it on names that training told', async () => {
    const [train, test] = await Promise.all(SIDES.map((side) => walk('emoji-languages', side)));
    const named = LANGUAGES.map((language) => {
      const entries = readJson<{ label: string }[]>(`emojibase-data/${language}/data.json`);
      return new Set(entries.map(({ label }) => `${label}\n`));
    });
    const kept = train!.map((document) =>
      named.findIndex((names) => textsOf(document).every((text) => names.has(text))),
    );
    expect(new Set(kept)).toEqual(new Set(LANGUAGES.keys()));
    for (const document of train!) expect(textsOf(document)).toHaveLength(6);
    const told = new Set(train!.flatMap(picturesOf).map(({ id }) => id.split('/')[1]));
    for (const { id } of test!.flatMap(picturesOf)) {
      const [vendor, concept] = id.split('/');
      if (vendor !== 'openmoji' || !told.has(concept)) throw new Error(`${id} does not test the rule alone`);
    }
  });

  it('describes a scheme alike through a document', async () => {
    const groups = new Set(loadEmojiCorpus().concepts.map(({ group }) => group));
    const documents = (await walk('emoji-schemes', 'train')).map((document) => textsOf(document).map((t) => t.trim()));
    const byGroup = documents.filter((texts) => texts.every((text) => groups.has(text)));
    const capitals = documents.filter((texts) => texts.every((text) => text === text.toUpperCase()));
    // One of five rules each, give or take: 4,096 documents.
    for (const found of [byGroup, capitals]) expect(found.length / documents.length).toBeCloseTo(0.2, 1);
  });
});

describe('WordNet', () => {
  const all = new Map([...synsets()].map((synset) => [synset.id, synset]));
  const named = (word: string, part = 'noun') =>
    [...all.values()].find(({ words, part: of }) => words[0] === word && of === part)!;

  it('reads words, definition, examples and pointers', () => {
    const dog = named('dog');
    expect(dog.words).toEqual(['dog', 'domestic dog', 'Canis familiaris']);
    expect(dog.definition).toMatch(/^a member of the genus Canis .* many breeds$/);
    expect(dog.examples).toEqual(['the dog barked all night']);
    expect(dog.hypernyms.map((id) => all.get(id)!.words[0])).toEqual(['canine', 'domestic animal']);
  });

  it('keeps the word that an opposite is of, and its synset', () => {
    const pairs = [...all.values()].flatMap(({ antonyms }) => antonyms);
    expect(pairs.length).toBeGreaterThan(7000);
    expect(pairs.filter(({ word, synset }) => !word || !all.has(synset))).toEqual([]);
    const opposites = pairs.filter(({ word }) => word === 'hot').flatMap(({ synset }) => all.get(synset)!.words);
    expect(opposites).toContain('cold');
    const hypernyms = [...all.values()].flatMap((synset) => synset.hypernyms);
    expect(hypernyms.length).toBeGreaterThan(89_000);
    expect(hypernyms.every((id) => all.has(id))).toBe(true);
  });

  it('holds out a tenth, equal definitions on one side', async () => {
    const heldOut = await walk('wordnet', 'held-out');
    expect(heldOut.length / all.size).toBeCloseTo(0.1, 2);
    const ids = new Set(heldOut.map(({ id }) => id.split('/')[1]));
    const sides = new Map<string, boolean>();
    for (const { id, definition } of all.values()) {
      const side = ids.has(id);
      if ((sides.get(definition.toLowerCase()) ?? side) !== side) throw new Error(`${id} is on another side`);
      sides.set(definition.toLowerCase(), side);
    }
  });
});
