import { describe, expect, it } from 'vitest';
import { SIDES, type Side } from '../../../src/data/corpora/corpus.js';
import { countCorpus, picturesOf, textsOf } from '../../../src/data/corpora/counts.js';
import { LANGUAGES } from '../../../src/data/corpora/emoji-rules.js';
import { CORPORA } from '../../../src/data/corpora/index.js';
import { sampleOf } from '../../../src/data/corpora/sample.js';
import { synsets } from '../../../src/data/corpora/wordnet.js';
import { loadEmojiCorpus } from '../../../src/data/emoji/corpus.js';
import { readJson } from '../../../src/data/emoji/packages.js';
import { VENDORS } from '../../../src/data/emoji/vendors/index.js';
import type { Source, SourceDocument } from '../../../src/data/sources/source.js';

const always = CORPORA.filter(({ debian }) => debian === null);

async function read(source: Source): Promise<SourceDocument[]> {
  const documents: SourceDocument[] = [];
  for await (const document of source.documents()) documents.push(document);
  return documents;
}

async function walk(name: string, side: Side): Promise<SourceDocument[]> {
  const source = CORPORA.find((corpus) => corpus.name === name)!.open(side, '');
  const documents = await read(source);
  const { seen, skipped } = source.tally();
  expect(seen).toBe(Object.values(skipped).reduce((sum, count) => sum + count, documents.length));
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
    for (const { name } of always.filter((corpus) => corpus.name.startsWith('emoji'))) {
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

  it.each([
    ['emoji', 'train', { "another state's flag": 14, 'the same drawing as another': 9 }],
    ['emoji', 'held-out', { "another state's flag": 10, 'the same drawing as another': 30 }],
    ['emoji-fluent', 'train', { 'the same drawing as another': 1 }],
    ['flags', 'train', { "another state's flag": 6, 'no country': 1 }],
    ['flag-questions', 'held-out', { "another state's flag": 1 }],
    ['wordnet', 'train', {}],
  ] as const)('tells what %s leaves out of its %s side by a rule', async (name, side, skipped) => {
    const source = CORPORA.find((corpus) => corpus.name === name)!.open(side, '');
    await read(source);
    expect(source.tally().skipped).toEqual(skipped);
  });

  it('caps the concepts of every emoji corpus, and keeps the sides', async () => {
    const options = { concepts: 40 };
    const { concepts } = loadEmojiCorpus(options);
    const sides = new Map(concepts.map(({ id, heldOut }) => [id, heldOut]));
    for (const corpus of always.filter(({ name }) => name.startsWith('emoji'))) {
      for (const side of SIDES) {
        const documents = await read(corpus.open(side, '', options));
        const ids = new Set(documents.flatMap(picturesOf).map(({ id }) => id.split('/')[1]!));
        for (const { id, kind } of documents) if (kind === 'text') ids.add(id.split('/')[1]!);
        for (const id of ids) {
          if (!sides.has(id)) throw new Error(`${corpus.name} shows ${id}, which is above the cap`);
          if (side === 'train' && sides.get(id)) throw new Error(`${corpus.name} trains on ${id}`);
        }
        const whole = !VENDORS.some(({ name }) => corpus.name === `emoji-${name}`);
        if (side === 'train' && whole) expect([corpus.name, ids.size]).toEqual([corpus.name, 32]);
      }
    }
  });

  it('says of an emoji its name and keywords, and in the rewritten caption all that is known of it', async () => {
    const documents = await walk('emoji', 'train');
    const apple = documents.filter(({ id }) => id.endsWith('/1f34e'));
    expect(apple.map(({ id }) => id)).toEqual(['noto', 'fluent', 'twemoji', 'emojione'].map((v) => `emoji/${v}/1f34e`));
    for (const document of apple) {
      expect(document).toMatchObject({
        alt: ['A drawing of red apple', expect.stringMatching(/^A drawing tagged apple, .*red/)],
        rewritten: [
          expect.stringMatching(/^A drawing of red apple, one of food fruit in food and drink, tagged .*red.*\.$/),
        ],
      });
    }
    expect(documents.every((document) => document.kind === 'caption' && document.alt.length > 0)).toBe(true);
  });

  it('asks everything about a drawing before the next one', async () => {
    const documents = await walk('emoji-questions', 'train');
    const ids = documents.flatMap(picturesOf).map(({ id }) => id);
    const runs = ids.filter((id, i) => id !== ids[i - 1]);
    expect(new Set(runs).size).toBe(runs.length);
    expect(ids.length / runs.length).toBeGreaterThan(2);
    expect(documents.find(({ id }) => id === 'emoji/noto/1f34e/group')).toMatchObject({
      question: 'Which group does it belong to?',
      answers: ['food and drink'],
    });
  });

  it('has quizzes of two to six drawings, each with a true answer after it', async () => {
    const asked = new Map<string, string>();
    for (const document of await walk('emoji-questions', 'train')) {
      if (document.kind !== 'question') throw new Error('no question');
      asked.set(`${document.image.id} Question: ${document.question} Short answer:`, document.answers[0]!);
    }
    const sizes = new Map<number, number>();
    for (const document of await walk('emoji-quizzes', 'train')) {
      if (document.kind !== 'interleaved') throw new Error('not interleaved');
      const { pieces } = document;
      sizes.set(pieces.length / 2, (sizes.get(pieces.length / 2) ?? 0) + 1);
      for (let i = 0; i < pieces.length; i += 2) {
        const [shown, told] = [pieces[i]!, pieces[i + 1]!];
        if (!('image' in shown) || !('text' in told)) throw new Error('a drawing comes before its question');
        const [, prompt, answer] = /^(.* Short answer:) (.*)\n$/.exec(told.text)!;
        expect(asked.get(`${shown.image.id} ${prompt}`)).toBe(answer);
      }
    }
    const pages = [...sizes.values()].reduce((sum, count) => sum + count);
    expect([...sizes.keys()].sort()).toEqual([2, 3, 4, 5, 6]);
    for (const count of sizes.values()) expect(count / pages).toBeCloseTo(0.2, 1);
  });

  it('tells every training concept without a picture, and each line alone', async () => {
    const documents = await walk('emoji-texts', 'train');
    const apple = documents.filter(({ id }) => id.startsWith('emoji-texts/1f34e/')).flatMap(textsOf);
    const [told, ...alone] = apple;
    const lines = told!.split('\n');
    expect(lines[0]).toMatch(/^red apple: apple, .*\.$/);
    expect(lines.slice(1)).toEqual(alone);
    expect(alone).toContain('A drawing of red apple');
    expect(alone).toContain('Question: Which group does it belong to? Short answer: food and drink');
    const heldOut = (await walk('emoji-texts', 'held-out')).flatMap(textsOf);
    const { concepts } = loadEmojiCorpus();
    expect(heldOut.map((text) => text.split('\n')[1])).toEqual(
      concepts.filter((concept) => concept.heldOut).map(({ label }) => `A drawing of ${label}`),
    );
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
