import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import type { StoredDocument } from '../../src/data/document-set.js';
import { EncodedDocuments } from '../../src/data/encoded-documents.js';
import { addSequences, type DrawnSequence, Mixture, type MixtureRecipe } from '../../src/data/mixture.js';
import { type Piece, sizeOf } from '../../src/data/packing.js';
import { loadTokenizer } from '../../src/data/tokenizer/index.js';
import { documentSet } from './document-folder.js';

const tokenizer = loadTokenizer();
const numbers = (count: number) => Array.from({ length: count }, (_, i) => i);
const captions = (name: string, count: number, rewritten: boolean): StoredDocument[] =>
  numbers(count).map((i) => ({
    kind: 'caption',
    id: `${name} ${i}`,
    image: `${name} ${i}`,
    alt: [`a picture of ${i}`],
    rewritten: rewritten && i % 2 === 0 ? [`everything in ${i}`] : [],
  }));
const longText = (number: number) =>
  numbers(300)
    .map((i) => `${i * (number + 1)} words`)
    .join(' ');
const DOCUMENTS = {
  caption: { a: captions('a', 40, false), b: captions('b', 20, true) },
  interleaved: {
    pages: numbers(10).map((i) => ({
      kind: 'interleaved' as const,
      id: `page ${i}`,
      pieces: numbers(3).flatMap((j) => [{ image: `page ${i} ${j}` }, { text: `picture ${j}\n` }]),
    })),
  },
  text: {
    short: numbers(30).map((i) => ({ kind: 'text' as const, id: `short ${i}`, text: `number ${i}` })),
    long: numbers(3).map((i) => ({ kind: 'text' as const, id: `long ${i}`, text: longText(i) })),
  },
  question: {
    asked: numbers(10).map((i) => ({
      kind: 'question' as const,
      id: `asked ${i}`,
      image: `asked ${i}`,
      questions: numbers(6).map((j) => ({ question: `Is it ${j}?`, answer: `${i}` })),
    })),
  },
};
const encoded = Object.fromEntries(
  Object.entries(DOCUMENTS).map(([kind, sources]) => [kind, new EncodedDocuments(documentSet(sources), tokenizer)]),
);
const from = (...weights: number[]) => weights.map((weight, i) => ({ source: `${i}`, weight }));
const RECIPE: MixtureRecipe = {
  caption: 45,
  interleaved: 45,
  text: 10,
  question: 0,
  vecap: 0.07,
  caption_from: from(1, 1),
  interleaved_from: from(1),
  text_from: from(1, 1),
  question_from: from(1),
};
const ROOM = { text: 60, images: 4 };

const draw = (recipe: Partial<MixtureRecipe>, count: number, seed = 0, step = 0, room = ROOM) =>
  new Mixture(encoded, { ...RECIPE, ...recipe }, room).sequences(seed, step, count);
const share = (sequences: readonly DrawnSequence[], is: (sequence: DrawnSequence) => boolean) =>
  sequences.filter(is).length / sequences.length;
const pictures = ({ groups }: DrawnSequence) =>
  groups.flatMap(({ shared, examples }) =>
    [...shared, ...examples.flat()].flatMap((piece) => ('image' in piece ? [piece.image] : [])),
  );
const tokens = (pieces: readonly Piece<string>[]) => pieces.flatMap((piece) => ('tokens' in piece ? piece.tokens : []));

it.each([
  { caption: 45, interleaved: 45, text: 10, question: 0, vecap: 0.07 },
  { caption: 3, interleaved: 0, text: 0, question: 1, vecap: 0.5 },
  { caption: 0, interleaved: 1, text: 2, question: 5, vecap: 0 },
])('10,000 sequences have the shares that the recipe asks for, within 1%: %j', (weights) => {
  const sequences = draw(weights, 10_000);
  const { caption, interleaved, text, question, vecap } = weights;
  const total = caption + interleaved + text + question;
  const asked = {
    caption: (caption / total) * (1 - vecap),
    vecap: (caption / total) * vecap,
    interleaved: interleaved / total,
    text: text / total,
    question: question / total,
  };
  for (const [kind, expected] of Object.entries(asked)) {
    expect(Math.abs(share(sequences, (each) => each.kind === kind) - expected), kind).toBeLessThan(0.01);
  }
});

it('sources of a kind are drawn by their weights, however many documents they have, and documents alike', () => {
  const sequences = draw({ caption: 1, interleaved: 0, text: 0, vecap: 0, caption_from: from(1, 3) }, 8000);
  expect(Math.abs(share(sequences, ({ source }) => source === 'b') - 0.75)).toBeLessThan(0.02);
  const ofB = sequences.filter(({ source }) => source === 'b').flatMap(pictures);
  const counts = numbers(20).map((i) => ofB.filter((id) => id === `b ${i}`).length);
  expect(counts.reduce((a, b) => a + b)).toBe(ofB.length);
  expect(Math.max(...counts) / Math.min(...counts)).toBeLessThan(1.3);
});

it('a sequence comes from one source, and never holds more than there is room for', () => {
  for (const sequence of draw({ question: 45 }, 2000)) {
    const sizes = sequence.groups.map(sizeOf);
    expect(sizes.reduce((sum, { text }) => sum + text, 0)).toBeLessThanOrEqual(ROOM.text);
    expect(sizes.reduce((sum, { images }) => sum + images, 0)).toBeLessThanOrEqual(ROOM.images);
    const names = { a: 'a', b: 'b', pages: 'page', asked: 'asked' } as Readonly<Record<string, string>>;
    for (const id of pictures(sequence)) expect(id.split(' ')[0]).toBe(names[sequence.source]);
    expect(sequence.groups.length).toBeGreaterThan(0);
  }
});

it('is a pure function of seed and step, sequence by sequence, and does not know how a picture is shown', () => {
  expect(draw({}, 20, 3, 7)).toEqual(draw({}, 20, 3, 7));
  expect(draw({}, 5, 3, 7)).toEqual(draw({}, 20, 3, 7).slice(0, 5));
  expect(draw({}, 20, 3, 8)).not.toEqual(draw({}, 20, 3, 7));
  expect(draw({}, 20, 4, 7)).not.toEqual(draw({}, 20, 3, 7));
  const of = (recipe: Partial<MixtureRecipe>) => draw(recipe, 50).map(({ groups }) => groups);
  expect(of({ question_from: from(1, 1), question: 0 })).toEqual(of({}));
});

it("a caption stands behind its picture, its first word asked for; rewritten captions are VeCap's alone", () => {
  for (const { kind, groups } of draw({ interleaved: 0, text: 0, vecap: 0.5 }, 300)) {
    for (const { shared, examples } of groups) {
      const [first, text, ...rest] = examples[0]!;
      expect([shared, rest, examples.length]).toEqual([[], [], 1]);
      const number = (first as { image: string }).image.split(' ')[1];
      const words = kind === 'vecap' ? `everything in ${number}` : `a picture of ${number}`;
      expect(text).toEqual({ tokens: [...tokenizer.encode(words), tokenizer.endOfText], counted: true });
    }
  }
});

it('questions share their picture, at most four at once and as many as there is room for; loss falls on answers', () => {
  const wide = draw({ caption: 0, interleaved: 0, text: 0, question: 1 }, 200, 0, 0, { text: 200, images: 2 });
  const asked = wide.flatMap(({ groups }) => groups);
  expect(new Set(asked.map(({ examples }) => examples.length))).toEqual(new Set([4]));
  for (const { shared, examples } of asked) {
    expect(shared).toHaveLength(1);
    expect(new Set(examples.map((pieces) => tokens(pieces).join())).size).toBe(4);
    for (const [prompt, answer] of examples) {
      expect(tokenizer.decode(tokens([prompt!]))).toMatch(/^Question: Is it \d\? Short answer:$/);
      expect([prompt, answer].map((piece) => (piece as { counted: boolean }).counted)).toEqual([false, true]);
    }
  }
  const narrow = draw({ caption: 0, interleaved: 0, text: 0, question: 1 }, 200, 0, 0, { text: 30, images: 2 });
  for (const { examples } of narrow.flatMap(({ groups }) => groups)) expect([1, 2]).toContain(examples.length);
});

it('text fills its sequence; a longer one is entered anywhere, and ends with its end or where the room ends', () => {
  const sequences = draw({ caption: 0, interleaved: 0, text: 1 }, 400).filter(({ source }) => source === 'long');
  for (const { groups } of sequences) expect(groups.map(sizeOf)).toEqual([{ text: ROOM.text, images: 0 }]);
  const texts = [0, 1, 2].map((number) => tokenizer.encode(longText(number)).join());
  const drawn = sequences.map(({ groups }) => tokens(groups[0]!.examples[0]!));
  expect(new Set(drawn.map((ids) => ids.join())).size).toBeGreaterThan(50);
  const ended = drawn.filter((ids) => ids.at(-1) === tokenizer.endOfText);
  expect(ended.length).toBeLessThan(10);
  for (const ids of drawn.filter((ids) => !ended.includes(ids))) {
    expect(texts.some((text) => `${text},`.includes(`${ids.join()},`))).toBe(true);
  }
  const short = draw({ caption: 0, interleaved: 0, text: 1, text_from: from(1, 0) }, 50);
  for (const { groups } of short) {
    const sizes = groups.map(({ examples }) => tokens(examples[0]!).length);
    expect(sizes.reduce((a, b) => a + b)).toBeGreaterThan(ROOM.text - 8);
    for (const { examples } of groups.slice(0, -1)) expect(tokens(examples[0]!).at(-1)).toBe(tokenizer.endOfText);
  }
});

it('a document with more pictures than there is room for is entered at its start or at a picture', () => {
  const sequences = draw({ caption: 0, interleaved: 1, text: 0 }, 200, 0, 0, { text: 60, images: 2 });
  const seen = new Set(
    sequences.map((each) =>
      pictures(each)
        .map((id) => id.split(' ')[2])
        .join(),
    ),
  );
  expect(seen).toEqual(new Set(['0,1', '1,2']));
  for (const { groups } of sequences) expect('image' in groups[0]!.examples[0]!.at(-1)!).toBe(false);
});

it('counts what it drew', () => {
  const sequences = draw({}, 500);
  const drawn = addSequences(addSequences({}, sequences.slice(0, 200)), sequences.slice(200));
  expect(Object.values(drawn).reduce((sum, each) => sum + each.sequences, 0)).toBe(500);
  const ofPages = sequences.filter(({ source }) => source === 'pages');
  expect(drawn['interleaved pages']).toEqual({
    sequences: ofPages.length,
    tokens: ofPages.flatMap(({ groups }) => groups).reduce((sum, group) => sum + sizeOf(group).text, 0),
    pictures: ofPages.flatMap(pictures).length,
  });
});

it('a kind that no source can give is refused by name', () => {
  const none = { ...encoded, caption: new EncodedDocuments(documentSet({ a: captions('a', 3, false) }), tokenizer) };
  const recipe = { ...RECIPE, caption_from: from(1) };
  expect(() => new Mixture(none, recipe, ROOM)).toThrow('data.vecap asks for rewritten captions, and no source');
  expect(() => new Mixture(none, { ...recipe, vecap: 0, text_from: from(0, 0) }, ROOM)).toThrow('data.text asks for');
});

it('draws what it drew before: other draws make other numbers of every training', () => {
  const drawn = draw({ question: 45 }, 200, 1, 2).map((each) => [each.kind, each.source, ...pictures(each)]);
  const hash = createHash('sha256').update(JSON.stringify(drawn)).digest('hex');
  expect(hash.slice(0, 16)).toBe('3ab50bbe68ea5594');
});
