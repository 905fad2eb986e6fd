import { afterAll, expect, it } from 'vitest';
import type { StoredDocument } from '../../src/data/document-set.js';
import { EncodedDocuments } from '../../src/data/encoded-documents.js';
import { addSequences, type DrawnSequence, Mixture, type MixtureRecipe } from '../../src/data/mixture.js';
import { pack, type Room } from '../../src/data/packing.js';
import { loadTokenizer } from '../../src/data/tokenizer/index.js';
import { type DrawnBatches, drawnBatches, TEXT_ALONE } from '../../src/train/drawn-batches.js';
import { documentFolder, documentSet } from '../data/document-folder.js';

const tokenizer = loadTokenizer();
const numbers = (count: number) => Array.from({ length: count }, (_, i) => i);
const captions = (name: string): StoredDocument[] =>
  numbers(9).map((i) => ({
    kind: 'caption',
    id: `${name} ${i}`,
    image: `${name} ${i}`,
    alt: [`${name} number ${i}`],
    rewritten: [`all of ${name} number ${i}`],
  }));
const texts = (name: string): StoredDocument[] =>
  numbers(9).map((i) => ({ kind: 'text', id: `${name} ${i}`, text: `${name} of ${i} and ${i + 1}` }));
const DOCUMENTS = {
  caption: { a: captions('a'), b: captions('b') },
  text: { short: texts('short'), other: texts('other') },
};
const corpora = { caption: documentFolder(DOCUMENTS.caption), text: documentFolder(DOCUMENTS.text) };
const from = (...sources: string[]) => sources.map((source) => ({ source, weight: 1 }));
const RECIPE: MixtureRecipe = {
  caption: 3,
  interleaved: 0,
  text: 1,
  question: 0,
  vecap: 0.25,
  caption_from: from('a', 'b'),
  interleaved_from: [],
  text_from: from('short', 'other'),
  question_from: [],
};
const ROOM: Room = { text: 40, images: 2, slots: 3 };
const [SEED, BATCH] = [5, 6];

const opened: DrawnBatches[] = [];
function open(accumulate = 1): DrawnBatches {
  const batches = drawnBatches(corpora, tokenizer, RECIPE, ROOM, { seed: SEED, batch: BATCH, accumulate });
  opened.push(batches);
  return batches;
}
afterAll(() => {
  for (const batches of opened) batches.close();
});

/** The sequences of some steps, as the mixture itself draws them. */
function drawn(steps: number): DrawnSequence[][] {
  const encoded = {
    caption: new EncodedDocuments(documentSet(DOCUMENTS.caption), tokenizer),
    text: new EncodedDocuments(documentSet(DOCUMENTS.text), tokenizer),
  };
  const mixture = new Mixture(encoded, RECIPE, ROOM);
  return numbers(steps).map((step) => mixture.sequences(SEED, step, BATCH));
}

/** Draws steps in order, all parts of each. */
function train(batches: DrawnBatches, first: number, end: number, parts = 1): void {
  for (const step of numbers(end).slice(first)) for (const part of numbers(parts)) batches.packed(step, part);
}

it.each([1, 2, 3])("a step's sequences are the mixture's, in order, in %i equal parts", (accumulate) => {
  const batches = open(accumulate);
  for (const [step, sequences] of drawn(3).entries()) {
    const size = BATCH / accumulate;
    for (const part of numbers(accumulate)) {
      const own = sequences.slice(part * size, (part + 1) * size);
      expect(batches.packed(step, part)).toEqual(pack(own, ROOM, tokenizer.pad));
    }
  }
});

it.each([1, 3])('counts every sequence once, whatever the %i parts of a step', (accumulate) => {
  const batches = open(accumulate);
  train(batches, 0, 3, accumulate);
  expect(batches.source.data(3)).toEqual(addSequences({}, drawn(3).flat()));
});

it('what a checkpoint keeps of a step does not count the step that is drawn ahead', () => {
  const batches = open(2);
  train(batches, 0, 3, 2);
  batches.packed(3, 0);
  expect(batches.source.data(3)).toEqual(addSequences({}, drawn(3).flat()));
});

it('a training that goes on draws and counts as one that never stopped', () => {
  const whole = open();
  train(whole, 0, 7);
  const before = open();
  train(before, 0, 4);
  const after = open();
  after.source.restore(JSON.parse(JSON.stringify(before.source.data(4))), 4);
  for (const step of [4, 5, 6]) expect(after.packed(step, 0)).toEqual(pack(drawn(7)[step]!, ROOM, tokenizer.pad));
  expect(after.summary(7)).toEqual(whole.summary(7));
  expect(after.source.data(7)).toEqual(whole.source.data(7));
});

it('the summary says what was asked for and all that was drawn, by kind, and sequences by source', () => {
  const batches = open();
  train(batches, 0, 10);
  const sequences = drawn(10).flat();
  const amounts = addSequences({}, sequences);
  const summary = batches.summary(10);
  const total = (kind: string, what: 'sequences' | 'tokens' | 'pictures') =>
    Object.entries(amounts)
      .filter(([name]) => name.split(' ')[0] === kind)
      .reduce((sum, [, amount]) => sum + amount[what], 0);
  const kinds = ['caption', 'vecap', 'text'];
  const each = (what: 'sequences' | 'tokens' | 'pictures') =>
    Object.fromEntries(kinds.map((kind) => [kind, total(kind, what)]));
  expect(summary).toEqual({
    'sequences asked': { caption: 0.5625, vecap: 0.1875, text: 0.25 },
    'sequences drawn': each('sequences'),
    'text tokens drawn': each('tokens'),
    'pictures drawn': each('pictures'),
    'sequences by source': Object.fromEntries(
      kinds.flatMap((kind) =>
        RECIPE[kind === 'text' ? 'text_from' : 'caption_from'].map(({ source }) => [
          `${kind} ${source}`,
          sequences.filter((one) => one.kind === kind && one.source === source).length,
        ]),
      ),
    ),
  });
  expect(Object.values(summary['sequences drawn']!).reduce((a, b) => a + b)).toBe(10 * BATCH);
  // Every kind and both sources of each came, and pictures stand in captions alone.
  expect(Object.values(summary['sequences by source']!).every((count) => count > 0)).toBe(true);
  expect(summary['pictures drawn']).toMatchObject({ text: 0 });
});

it('text alone needs no corpus but its own, and no room for pictures', () => {
  const recipe = { ...TEXT_ALONE, text_from: RECIPE.text_from };
  const room = { text: 40, images: 0, slots: 0 };
  const settings = { seed: SEED, batch: BATCH, accumulate: 1 };
  const batches = drawnBatches({ text: corpora.text }, tokenizer, recipe, room, settings);
  opened.push(batches);
  const packed = batches.packed(0, 0);
  expect([packed.images, packed.length]).toEqual([[], 40]);
  expect(batches.summary(1)).toMatchObject({ 'sequences drawn': { text: BATCH }, 'pictures drawn': { text: 0 } });
});

it('a kind that is asked for and has no document is refused by name', () => {
  const settings = { seed: SEED, batch: BATCH, accumulate: 1 };
  const empty = { ...corpora, caption: documentFolder({ a: [], b: [] }) };
  expect(() => drawnBatches(empty, tokenizer, RECIPE, ROOM, settings)).toThrow(
    expect.objectContaining({ code: 'E_DATA', message: expect.stringContaining('data.caption') }),
  );
});
